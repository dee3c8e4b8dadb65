"""JSON merge patches (RFC 7386): what to send so that one document becomes another and nothing of the old one stays."""

from __future__ import annotations

from collections.abc import Mapping

Document = Mapping[str, object]


def difference(before: Document, after: Document) -> dict[str, object]:
    """Return the patch from ``before`` to ``after``, which has no nulls; what has gone is null at every depth.

    Lists are replaced whole.
    """
    patch: dict[str, object] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict):
            # Where there was no object the patch makes one; an empty one is no change to an object.
            inner = difference(old, value) if isinstance(old, dict) else value
            if inner or not isinstance(old, dict):
                patch[name] = inner
        elif name not in before or old != value:
            patch[name] = value
    return patch
