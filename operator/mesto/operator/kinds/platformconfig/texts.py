"""The texts of a PlatformConfig: what they say, wherever that is written, and what is to be told to auth. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from mesto.contracts.platform_texts import MOST_CHARACTERS, TextName, TextState, clean, text_version
from mesto.operator.kinds.platformconfig.spec import PlatformConfigSpec, Text, TextSource, TextStatus
from pydantic.alias_generators import to_snake

ConfigMaps = Mapping[str, Mapping[str, str] | None]
"""What ConfigMaps of the operator's namespace hold, by their names; None: there is none of this name."""


@dataclass(frozen=True)
class DeclaredText:
    """A text as the resource declares it; ``label`` is what the resource calls it."""

    name: TextName
    label: str
    required: bool
    ru: str | None = None
    en: str | None = None
    source: TextSource | None = None


@dataclass(frozen=True)
class TextFault:
    """Why a text is not shown as it is declared: a stable reason and a sentence."""

    reason: str
    message: str


@dataclass(frozen=True)
class TextContent:
    """What a text says, by its version."""

    ru: str | None
    en: str | None
    version: str


@dataclass(frozen=True)
class SeenTexts:
    """What is known of texts: the ConfigMaps that hold them, what auth shows, and what it has refused in this pass.

    ``fault`` is why auth does not tell what it shows.
    """

    namespace: str
    config_maps: ConfigMaps = field(default_factory=dict)
    shown: Mapping[TextName, TextState] = field(default_factory=dict)
    refused: Mapping[TextName, TextFault] = field(default_factory=dict)
    fault: TextFault | None = None


@dataclass(frozen=True)
class DeliverText:
    """Have auth show a text."""

    text: DeclaredText
    content: TextContent


@dataclass(frozen=True)
class WithdrawText:
    """Have auth show a text no more."""

    name: TextName


def declared(spec: PlatformConfigSpec) -> Sequence[DeclaredText]:
    """Return the texts that a resource declares."""
    return tuple(_declared(text) for text in spec.texts or [])


def _declared(text: Text) -> DeclaredText:
    name = cast(TextName, to_snake(text.name))
    return DeclaredText(name, text.name, bool(text.required_to_register), text.ru, text.en, text.config_map)


def sources(texts: Sequence[DeclaredText]) -> list[str]:
    """Return the names of the ConfigMaps that texts are read from."""
    return sorted({text.source.name for text in texts if text.source is not None})


def resolve(text: DeclaredText, seen: SeenTexts) -> TextContent | TextFault:
    """Return what a text says, wherever that is written."""
    ru, en = text.ru, text.en
    if text.source is not None:
        found = seen.config_maps.get(text.source.name)
        if found is None:
            message = f'{text.label}: there is no ConfigMap "{text.source.name}" in the namespace {seen.namespace}.'
            return TextFault("ConfigMapNotFound", message)
        for key in (text.source.ru_key, text.source.en_key):
            if key is not None and key not in found:
                keys = ", ".join(sorted(found)) or "none"
                message = f'{text.label}: the ConfigMap "{text.source.name}" has no key "{key}". Its keys: {keys}.'
                return TextFault("KeyNotFound", message)
        ru, en = (found[key] if key else None for key in (text.source.ru_key, text.source.en_key))
    for words, language in ((ru, "Russian"), (en, "English")):
        if len(words or "") > MOST_CHARACTERS:
            message = f"{text.label}: the text in {language} is longer than {MOST_CHARACTERS} characters: shorten it."
            return TextFault("TextTooLong", message)
    if not (clean(ru) or clean(en)):
        return TextFault("TextEmpty", f"{text.label}: there are no words in it.")
    return TextContent(ru, en, text_version(ru, en))


def next_step(texts: Sequence[DeclaredText], seen: SeenTexts) -> DeliverText | WithdrawText | None:
    """Return what auth is to be told next, None when it shows what is declared, as far as that can be read."""
    if seen.fault is not None:
        return None
    for text in texts:
        content = resolve(text, seen)
        if isinstance(content, TextContent) and text.name not in seen.refused and not _is_shown(text, content, seen):
            return DeliverText(text, content)
    names = {text.name for text in texts}
    return next((WithdrawText(name) for name in seen.shown if name not in names and name not in seen.refused), None)


def _is_shown(text: DeclaredText, content: TextContent, seen: SeenTexts) -> bool:
    state = seen.shown.get(text.name)
    return state is not None and (state.version, state.required_to_register) == (content.version, text.required)


def faults(texts: Sequence[DeclaredText], seen: SeenTexts) -> list[TextFault]:
    """Return why texts are not shown as they are declared."""
    if seen.fault is not None:
        return [seen.fault]
    known = {text.name for text in texts}
    others = [fault for name, fault in seen.refused.items() if name not in known]
    return [fault for text in texts if (fault := _fault(text, seen)) is not None] + others


def _fault(text: DeclaredText, seen: SeenTexts) -> TextFault | None:
    content = resolve(text, seen)
    return content if isinstance(content, TextFault) else seen.refused.get(text.name)


def statuses(texts: Sequence[DeclaredText], seen: SeenTexts) -> list[TextStatus]:
    """Return the part of the status that tells of texts."""
    return list(_statuses(texts, seen))


def _statuses(texts: Sequence[DeclaredText], seen: SeenTexts) -> Iterator[TextStatus]:
    for text in texts:
        fault, state = seen.fault or _fault(text, seen), seen.shown.get(text.name)
        version = state.version if state else None
        yield TextStatus(name=text.label, version=version, message=fault.message[:2000] if fault else "")
