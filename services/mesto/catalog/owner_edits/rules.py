"""Which fields of a space are its owner's to set, and how the owner's values stand beside the declared ones.

A field that the resource declares is locked; what it leaves out is the owner's. Texts, contacts and the booking policy
are settled part by part (``contacts.email``), lists as a whole. An empty list is as good as none.

Spaces are as ``SpaceSpec.model_dump(mode="json")`` says it. A row holds what is in effect; beside it stand the owner's
overrides, by which the declared spec is found again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mesto.catalog.spaces.records import SpaceDocument

LISTS = ("opening_hours", "exceptions", "amenities", "photos", "resources")
PARTS: Mapping[str, tuple[str, ...]] = {
    "title": ("ru", "en"),
    "description": ("ru", "en"),
    "contacts": ("phone", "email", "website"),
    "booking": ("approval", "hold_minutes", "cancellation"),
}
ALWAYS_DECLARED = ("city", "address", "location", "time_zone", "published")

Values = Mapping[str, object]
"""By path: the name of a list, or ``field.part``. None, and an empty list of ``LISTS``, say that there is no value."""
Overrides = Mapping[str, object]
"""The owner's values as they are stored: by path, or a whole field of ``PARTS`` that the resource does not declare."""
Document = Mapping[str, object]


PATHS = (*LISTS, *(f"{name}.{part}" for name, parts in PARTS.items() for part in parts))
"""All that an owner might set."""
_KEYS = frozenset((*PARTS, *PATHS))


def at(document: Document, path: str) -> object:
    """Return what stands at a path. Where somebody has written nonsense into a row, that."""
    name, _, part = path.partition(".")
    field = document[name]
    return field.get(part) if part and isinstance(field, Mapping) else field


def _given(path: str, value: object) -> bool:
    return value is not None and not (path in LISTS and value == [])


def locked(declared: Document) -> list[str]:
    """Return the paths that a declared spec has a value for, with the fields that are always the resource's."""
    return [*ALWAYS_DECLARED, *(path for path in PATHS if _given(path, at(declared, path)))]


def values(overrides: Overrides) -> dict[str, object]:
    """Return the owner's values, path by path. What cannot be such a value (somebody wrote it by SQL) is left out."""
    found: dict[str, object] = {}
    for path, value in _usable(overrides).items():
        parts = {path: value}
        if path in PARTS and isinstance(value, Mapping):
            parts = {f"{path}.{part}": inner for part, inner in value.items()}
        found |= {key: inner for key, inner in parts.items() if key in _KEYS and inner is not None}
    return found


def _usable(overrides: Overrides) -> dict[str, object]:
    stored = overrides.items() if isinstance(overrides, Mapping) else ()
    return {
        path: value for path, value in stored if path in _KEYS and (path not in PARTS or isinstance(value, Mapping))
    }


def merge_overrides(declared: Document, given: Values) -> dict[str, object]:
    """Return what is kept of the owner's values beside a declared spec.

    A declared field takes its value's place for good.
    """
    kept: dict[str, object] = {}
    whole: dict[str, dict[str, object]] = {}
    for path, value in given.items():
        name, _, part = path.partition(".")
        if not _given(path, value) or _given(path, at(declared, path)):
            continue
        if part and declared[name] is None:
            if name not in whole:
                kept[name] = whole[name] = dict.fromkeys(PARTS[name])
            whole[name][part] = value
        else:
            kept[path] = value
    return kept


def effective_spec(declared: Document, overrides: Overrides) -> SpaceDocument:
    """Return the space as it is: the declared spec, filled up with the owner's values (of ``merge_overrides``)."""
    return _replaced(declared, overrides)


def intact(document: Document, overrides: Overrides) -> bool:
    """Return whether the owner's values are where they belong: somebody may have written others there by SQL."""
    return all(at(document, path) == value for path, value in _usable(overrides).items())


def declared_spec(document: Document, overrides: Overrides) -> SpaceDocument:
    """Return the declared spec of a space as it is: what stands in the place of an owner's value is not declared."""
    return _replaced(document, {path: [] if path in LISTS else None for path in _usable(overrides)})


def _replaced(document: Document, fresh: Values) -> SpaceDocument:
    found = dict(document)
    for path, value in fresh.items():
        name, _, part = path.partition(".")
        if not part:
            found[name] = value
        elif isinstance(field := found[name], Mapping):
            found[name] = {**field, part: value}
    return cast(SpaceDocument, found)
