"""What the store of cities returns."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.catalog.spaces.records import LocalizedText


@dataclass(frozen=True)
class City:
    """A city as geo told it, by a revision of geo's."""

    slug: str
    revision: int
    name: LocalizedText
    time_zone: str
    currency: str
