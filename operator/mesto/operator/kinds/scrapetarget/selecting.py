"""What a ScrapeTarget's selectors say, looked at before anything is read: pure."""

from __future__ import annotations

from collections.abc import Iterator

from mesto.operator.kinds.scrapetarget import selectors
from mesto.operator.kinds.scrapetarget.spec import Extract, Fields, Selector

_LANGUAGES: tuple[selectors.Language, ...] = ("css", "xpath", "path")
_PAGE, _DOCUMENT, _EITHER = frozenset({"css", "xpath"}), frozenset({"path"}), frozenset({"css", "xpath", "path"})
_OF_FIELDS = {"StructuredData": _EITHER, "Selectors": _PAGE, "JsonApi": _DOCUMENT}
_REPORTED = 5


def fault(extract: Extract) -> str:
    """Return the first selectors that no spider can follow, each with its path in the manifest; empty for none."""
    found = [
        sentence
        for place, selector, known in _all(extract)
        for sentence in _faults(place, selector, known, extract.mode)
    ]
    return "; ".join(found[:_REPORTED])


def _all(extract: Extract) -> Iterator[tuple[str, Selector, frozenset[str]]]:
    """Yield each selector with its path in the manifest and the languages that it may be in there."""
    of_page = _DOCUMENT if extract.mode == "JsonApi" else _PAGE
    if extract.items is not None:
        yield "spec.extract.items", extract.items, of_page
    if extract.next is not None:
        yield "spec.extract.next", extract.next, of_page
    for name in Fields.model_fields:
        selector: Selector | None = getattr(extract.fields, name, None)
        if selector is not None:
            yield f"spec.extract.fields.{name}", selector, _OF_FIELDS[extract.mode] | {"value"}


def _faults(place: str, selector: Selector, known: frozenset[str], mode: str) -> Iterator[str]:
    if selector.value is not None and "value" not in known:
        yield f"{place}.value: a constant stands for no page and no list; write {_words(known)}"
    for language in _LANGUAGES:
        expression: str | None = getattr(selector, language)
        if expression is None:
            continue
        if language not in known:
            read = "JSON" if mode == "JsonApi" else "pages"
            yield f"{place}.{language}: mode {mode} reads {read}; write {_words(known)}"
        elif wrong := selectors.fault(language, expression):
            yield f"{place}.{language}: {wrong}"


def _words(known: frozenset[str]) -> str:
    return " or ".join(name for name in (*_LANGUAGES, "value") if name in known)
