"""What a location means to the rest of the platform, and whether a space may be where it says.

A space far from its city, or with the clock of another place, may be meant: it is taken, and the doubt is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mesto.contracts.spaces import Doubt, Named, Stop

LOCATED, NO_DISTRICT, UNKNOWN_CITY = "Located", "NoDistrict", "UnknownCity"
FAR_METRES = 100_000
"""From the city's centre to a space outside the extent of its districts: beyond, it is asked about."""
_YEAR_DAYS = 366
Degrees = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True)
class FarFromCity:
    """A space so far from its city's centre, outside the extent of its districts."""

    km: int
    position: Degrees
    center: Degrees


@dataclass(frozen=True)
class ForeignClock:
    """The time zones of a space and of its city, which differ on some day of the year."""

    space: str
    city: str


@dataclass(frozen=True)
class Place:
    """What was found out about the place of a space; ``far`` and ``clock`` are doubts."""

    city: Named | None
    district: Named | None
    transit: tuple[Stop, ...]
    far: FarFromCity | None = None
    clock: ForeignClock | None = None


def outcome(reason: str) -> str:
    """Return ``applied`` or ``refused``: outside every district a space is placed, in an unknown city it is not."""
    return "refused" if reason == UNKNOWN_CITY else "applied"


def message(reason: str, city: str) -> str:
    """Return a sentence for people that goes with the reason."""
    if reason == UNKNOWN_CITY:
        return f'The city "{city}" is not declared in the PlatformConfig: add it there or correct spec.city.'
    if reason == NO_DISTRICT:
        return f'The position lies in none of the districts loaded for the city "{city}".'
    return ""


def same_clock(zone: str, other: str, start: date) -> bool:
    """Return whether clocks of two time zones agree on every day of the year from ``start``, whatever they are called.

    Days are compared at noon UTC: zones that change theirs some hours apart on one day agree. A zone that nobody knows
    agrees with any; that it is unknown is for booking to say.
    """
    return zone == other or _agree(zone, other, start)


@lru_cache(maxsize=1024)
def _agree(zone: str, other: str, start: date) -> bool:
    try:
        first, second = ZoneInfo(zone), ZoneInfo(other)
    except (KeyError, ValueError, OSError):  # no such zone, no name of a zone, a folder
        return True
    noon = datetime.combine(start, time(12), UTC)
    moments = [noon + timedelta(days=day) for day in range(_YEAR_DAYS)]
    return all(moment.astimezone(first).utcoffset() == moment.astimezone(second).utcoffset() for moment in moments)


def doubts(place: Place) -> list[Doubt]:
    """Return what may be wrong with a space, from what was found out about its place."""
    found = []
    city = place.city.slug if place.city else ""
    if far := place.far:
        message = (
            f'The position {_point(far.position)} is {far.km:,} km from the centre of the city "{city}", '
            f"{_point(far.center)}, and outside its districts: "
            "correct spec.location or spec.city, unless it is meant."
        )
        found.append(Doubt(reason="FarFromCity", message=message))
    if clock := place.clock:
        message = (
            f'The time zone {clock.space} has another time than {clock.city}, that of the city "{city}": '
            "correct spec.timeZone or spec.city, unless it is meant."
        )
        found.append(Doubt(reason="OtherTimeZone", message=message))
    return found


def _point(place: Degrees) -> str:
    return f"{place[0]:g}, {place[1]:g}"
