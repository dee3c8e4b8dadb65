"""Slugs of districts: unique within a city, the same each time the same data is loaded."""

from __future__ import annotations

LONGEST = 63


def unique(wanted: str, taken: set[str]) -> str:
    """``wanted``, or with the first free of -2, -3 …; adds the result to ``taken``. At most 63 characters."""
    slug, number = wanted[:LONGEST].strip("-"), 1
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = wanted[: LONGEST - len(ending)].strip("-") + ending
    taken.add(slug)
    return slug
