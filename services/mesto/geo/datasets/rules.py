"""Whether features of a dataset may lie in their city, and the slugs of its districts."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

FARTHEST_KM = 300
"""From the city's centre to the farthest corner of a feature: more than any city with all its suburbs has."""
_EARTH_KM = 6371.0
_NULL_ISLAND_DEGREES = 0.01
LONGEST_SLUG = 63
Extent = tuple[float, float, float, float]
"""West, south, east and north of a feature, in degrees."""
Place = tuple[float, float]
"""Latitude and longitude in degrees."""


def fault(extent: Extent, center: Place) -> str:
    """Return what is wrong with a feature's place in a city around ``center``; empty for nothing."""
    west, south, east, north = extent
    if _near((south, west), (north, east), center):
        return ""
    if max(abs(side) for side in extent) < _NULL_ISLAND_DEGREES:
        return "its position is 0, 0, which means that there is none; fill it in"
    if max(abs(side) for side in extent) <= 90 and _near((west, south), (east, north), center):
        return "its latitude and longitude are swapped; GeoJSON has [longitude, latitude]"
    return f"it reaches more than {FARTHEST_KM} km from the city's centre; correct its position or the city"


def _near(low: Place, high: Place, center: Place) -> bool:
    """Return whether all corners between two opposite ones are near."""
    corners = {(lat, lon) for lat in (low[0], high[0]) for lon in (low[1], high[1])}
    return all(kilometres(corner, center) <= FARTHEST_KM for corner in corners)


def kilometres(one: Place, other: Place) -> float:
    """Return the way along a great circle (haversine formula)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def unique_slug(preferred: str, taken: set[str]) -> str:
    """Return ``preferred``, or with the first free of -2, -3 …; adds the result to ``taken``. At most 63 characters."""
    slug, number = preferred[:LONGEST_SLUG].strip("-"), 1
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = preferred[: LONGEST_SLUG - len(ending)].strip("-") + ending
    taken.add(slug)
    return slug
