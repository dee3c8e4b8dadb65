"""Which texts somebody has to agree to, and which are worth looking at again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mesto.contracts.platform_texts import AGREED_TEXTS, OWNERS_TEXT, TextName

Agreed = tuple[TextName, str]
"""A text by its name, and the version that somebody agreed to."""


@dataclass(frozen=True)
class CurrentText:
    """A text as it counts now."""

    name: TextName
    version: str
    required_to_register: bool


@dataclass(frozen=True)
class DueText:
    """A text that somebody has not agreed to as it is now; ``agreed_version`` is what they last agreed to, if ever."""

    name: TextName
    version: str
    agreed_version: str | None


def concerning(texts: Iterable[CurrentText], roles: Collection[str]) -> list[CurrentText]:
    """Return the texts that people with these roles agree to."""
    agreed = [text for text in texts if text.name in AGREED_TEXTS]
    return [text for text in agreed if text.name != OWNERS_TEXT or "owner" in roles]


def missing_at_registration(
    texts: Iterable[CurrentText], roles: Collection[str], given: Mapping[TextName, Collection[str]]
) -> list[TextName]:
    """Return the texts without which nobody registers, and to whose current version ``given`` does not agree."""
    required = [text for text in concerning(texts, roles) if text.required_to_register]
    return [text.name for text in required if text.version not in given.get(text.name, ())]


def due(texts: Iterable[CurrentText], roles: Collection[str], agreed: Iterable[Agreed]) -> Iterator[DueText]:
    """Yield what has changed since somebody agreed to it, and what the platform requires and they never saw.

    ``agreed`` is what they agreed to, the last first. Whoever was never asked is not asked now, unless the platform
    requires it.
    """
    versions: dict[TextName, list[str]] = {}
    for name, version in agreed:
        versions.setdefault(name, []).append(version)
    for text in concerning(texts, roles):
        known = versions.get(text.name, [])
        if text.version not in known and (known or text.required_to_register):
            yield DueText(text.name, text.version, known[0] if known else None)
