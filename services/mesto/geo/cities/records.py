"""What the store of cities returns."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.contracts.places import Location
from mesto.contracts.text import Text


@dataclass(frozen=True)
class City:
    """A city of the platform's policy; ``declared`` is False for one that the policy names no longer."""

    slug: str
    declared: bool
    revision: int
    name: Text
    time_zone: str
    currency: str
    latitude: float
    longitude: float
    zoom: float

    @property
    def center(self) -> Location:
        """Where its map opens."""
        return Location(latitude=self.latitude, longitude=self.longitude)
