"""Which fields of a space are its owner's to set, and how the owner's values stand beside the declared ones.

A field that the resource declares is locked; what it leaves out is the owner's. Texts, contacts and the booking policy
are settled part by part (``contacts.email``), lists as a whole. An empty list is as good as none.

Spaces are as ``SpaceSpec.model_dump(mode="json")`` says it. A row holds what is in effect; beside it stand the owner's
``Held`` values, by which the declared spec is found again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LISTS = ("opening_hours", "exceptions", "amenities", "photos", "resources")
PARTS: Mapping[str, tuple[str, ...]] = {
    "title": ("ru", "en"),
    "description": ("ru", "en"),
    "contacts": ("phone", "email", "website"),
    "booking": ("approval", "hold_minutes", "cancellation"),
}
ALWAYS_DECLARED = ("city", "address", "location", "time_zone", "published")

Values = Mapping[str, Any]
"""By path: the name of a list, or ``field.part``. None, and an empty list of ``LISTS``, say that there is no value."""
Held = Mapping[str, Any]
"""The owner's values as they are stored: by path, or a whole field of ``PARTS`` that the resource does not declare."""
Document = Mapping[str, Any]


PATHS = (*LISTS, *(f"{name}.{part}" for name, parts in PARTS.items() for part in parts))
"""All that an owner might set."""
_KEYS = frozenset((*PARTS, *PATHS))


def at(document: Document, path: str) -> Any:
    """What stands at a path. Where somebody has written nonsense into a row, that."""
    name, _, part = path.partition(".")
    field = document[name]
    return field.get(part) if part and isinstance(field, Mapping) else field


def _given(path: str, value: Any) -> bool:
    return value is not None and not (path in LISTS and value == [])


def locked(declared: Document) -> list[str]:
    """The paths that a declared spec has a value for, with the fields that are always the resource's."""
    return [*ALWAYS_DECLARED, *(path for path in PATHS if _given(path, at(declared, path)))]


def values(held: Held) -> dict[str, Any]:
    """The owner's values, path by path. What cannot be such a value (somebody wrote it by SQL) is left out."""
    found: dict[str, Any] = {}
    for path, value in _whole(held).items():
        parts = {f"{path}.{part}": inner for part, inner in value.items()} if path in PARTS else {path: value}
        found |= {one: inner for one, inner in parts.items() if one in _KEYS and inner is not None}
    return found


def _whole(held: Held) -> dict[str, Any]:
    usable = held.items() if isinstance(held, Mapping) else ()
    return {
        path: value for path, value in usable if path in _KEYS and (path not in PARTS or isinstance(value, Mapping))
    }


def hold(declared: Document, wanted: Values) -> dict[str, Any]:
    """What is kept of the owner's values beside a declared spec: a declared field takes its value's place for good."""
    kept: dict[str, Any] = {}
    for path, value in wanted.items():
        name, _, part = path.partition(".")
        if not _given(path, value) or _given(path, at(declared, path)):
            continue
        if part and declared[name] is None:
            kept.setdefault(name, dict.fromkeys(PARTS[name]))[part] = value
        else:
            kept[path] = value
    return kept


def in_effect(declared: Document, held: Held) -> dict[str, Any]:
    """The space as it is: the declared spec, filled up with the owner's values (of ``hold``)."""
    return _replaced(declared, held)


def intact(document: Document, held: Held) -> bool:
    """Whether the owner's values are where they belong: somebody may have written others there by SQL."""
    return all(at(document, path) == value for path, value in _whole(held).items())


def declared_in(document: Document, held: Held) -> dict[str, Any]:
    """The declared spec of a space as it is: whatever stands in the place of an owner's value is not declared."""
    return _replaced(document, {path: [] if path in LISTS else None for path in _whole(held)})


def _replaced(document: Document, fresh: Values) -> dict[str, Any]:
    found = dict(document)
    for path, value in fresh.items():
        name, _, part = path.partition(".")
        if not part:
            found[name] = value
        elif isinstance(found[name], Mapping):
            found[name] = {**found[name], part: value}
    return found
