"""Whether things may be where they say: features of a dataset must be near their city, spaces should be.

A feature that cannot be meant is refused. A space far from its city, or with the clock of another place, may be meant:
it is taken, and the doubt is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any
from zoneinfo import ZoneInfo

from mesto.contracts.spaces import Doubt

FARTHEST_KM = 300
"""From the city's centre to the farthest corner of a feature: more than any city with all its suburbs has."""
FAR_METRES = 100_000
"""From the city's centre to a space outside the extent of its districts: beyond, it is asked about."""
_EARTH_KM = 6371.0
_YEAR_DAYS = 366
_NULL_ISLAND_DEGREES = 0.01
Extent = tuple[float, float, float, float]
"""West, south, east and north of a feature, in degrees."""
Place = tuple[float, float]
"""Latitude and longitude in degrees."""


def fault(extent: Extent, center: Place) -> str:
    """What is wrong with a feature's place in a city around ``center``; empty for nothing."""
    west, south, east, north = extent
    if _near((south, west), (north, east), center):
        return ""
    if max(abs(side) for side in extent) < _NULL_ISLAND_DEGREES:
        return "its position is 0, 0, which means that there is none; fill it in"
    if max(abs(side) for side in extent) <= 90 and _near((west, south), (east, north), center):
        return "its latitude and longitude are swapped; GeoJSON has [longitude, latitude]"
    return f"it reaches more than {FARTHEST_KM} km from the city's centre; correct its position or the city"


def _near(low: Place, high: Place, center: Place) -> bool:
    """Whether all corners between two opposite ones are near."""
    corners = {(lat, lon) for lat in (low[0], high[0]) for lon in (low[1], high[1])}
    return all(kilometres(corner, center) <= FARTHEST_KM for corner in corners)


def kilometres(one: Place, other: Place) -> float:
    """The way along a great circle (haversine formula)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def same_clock(zone: str, other: str, start: date) -> bool:
    """Whether clocks of two time zones agree on every day of the year from ``start``, whatever they are called.

    Days are compared at noon UTC: zones that change theirs some hours apart on one day agree. A zone that nobody knows
    agrees with any; that it is unknown is for booking to say.
    """
    return zone == other or _agree(zone, other, start)


@lru_cache(maxsize=1024)
def _agree(zone: str, other: str, start: date) -> bool:
    try:
        one, two = ZoneInfo(zone), ZoneInfo(other)
    except (KeyError, ValueError, OSError):  # no such zone, no name of a zone, a folder
        return True
    noon = datetime.combine(start, time(12), UTC)
    moments = [noon + timedelta(days=day) for day in range(_YEAR_DAYS)]
    return all(moment.astimezone(one).utcoffset() == moment.astimezone(two).utcoffset() for moment in moments)


def doubts(facts: Mapping[str, Any]) -> list[Doubt]:
    """What may be wrong with a space, from what was found out about its place: ``far`` and ``clock``, where known."""
    found = []
    city = facts["city"]["slug"] if facts.get("city") else ""
    if far := facts.get("far"):
        message = (
            f'The position {_point(far["position"])} is {far["km"]:,} km from the centre of the city "{city}", '
            f"{_point(far['center'])}, and outside its districts: "
            "correct spec.location or spec.city, unless it is meant."
        )
        found.append(Doubt(reason="FarFromCity", message=message))
    if clock := facts.get("clock"):
        message = (
            f'The time zone {clock["space"]} has another time than {clock["city"]}, that of the city "{city}": '
            "correct spec.timeZone or spec.city, unless it is meant."
        )
        found.append(Doubt(reason="OtherTimeZone", message=message))
    return found


def _point(place: tuple[float, float]) -> str:
    return f"{place[0]:g}, {place[1]:g}"
