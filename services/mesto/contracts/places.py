"""Where a space is, and whether that is another place: then its bookings are for somewhere else."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from mesto.contracts.base import Contract
from mesto.contracts.fields import Number, Plain
from pydantic import Field

MOVED_METRES = 100
"""A pin that was put right by less is the same place."""
_EARTH_METRES = 6_371_000


class Location(Contract):
    """WGS 84 degrees."""

    latitude: Number = Field(ge=-90, le=90)
    longitude: Number = Field(ge=-180, le=180)


class Place(Contract):
    """An address and its position, None when that is not known."""

    address: Plain = Field(max_length=500)
    location: Location | None = None

    def moved_to(self, other: Place) -> bool:
        """Return whether the other is somewhere else; how an address is spaced and its capitals do not count."""
        if _plain(self.address) != _plain(other.address):
            return True
        known = self.location is not None and other.location is not None
        return known and _metres(self.location, other.location) > MOVED_METRES


def _plain(address: str) -> str:
    return " ".join(address.casefold().split())


def _metres(first: Location | None, second: Location | None) -> float:
    """Return the straight line, on a sphere."""
    assert first is not None
    assert second is not None
    north, south = radians(first.latitude), radians(second.latitude)
    east = radians(second.longitude - first.longitude)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * _EARTH_METRES * asin(min(1.0, sqrt(half)))
