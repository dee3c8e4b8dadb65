"""Where a space is."""

from __future__ import annotations

from mesto.contracts.places import Location, Place


def place_at(address: str) -> Place:
    """Return a place of which only the address is known."""
    return Place.model_construct(address=address, location=None)


def place_of(address: str, latitude: float | None, longitude: float | None) -> Place:
    """Return a place as it was told, whatever that is."""
    known = latitude is not None and longitude is not None
    location = Location(latitude=latitude, longitude=longitude) if known else None
    return Place.model_construct(address=address, location=location)
