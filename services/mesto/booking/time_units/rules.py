"""The unit of time that capacity is counted in.

A booking occupies every unit that it overlaps, so the unit must divide everything that can start or end a booking.
It always divides the hour; units lie on the hours of UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import gcd
from zoneinfo import ZoneInfo

from mesto.booking.opening_hours.rules import Calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS_AHEAD = 3


def zone_offsets(zone: ZoneInfo, around: datetime) -> set[int]:
    """Return the minutes from UTC in the months around and ahead (India has a half hour, Nepal three quarters)."""
    moments = (around + timedelta(days=30 * step) for step in range(-1, 12 * YEARS_AHEAD + 1))
    return {round((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60) for moment in moments}


def unit_minutes(
    calendar: Calendar, slot_minutes: int, buffer_minutes: int, now: datetime, kept: Iterable[datetime] = ()
) -> int:
    """Return the greatest unit that divides the grid, the buffer, and the ends of bookings to be ``kept``."""
    spans = [span for day in (*calendar.weekly, *calendar.exceptions.values()) for span in day]
    clock = [minute for span in spans for minute in (span.open, span.close)]
    ends = [moment.astimezone(UTC).minute for moment in kept]
    return gcd(60, slot_minutes, buffer_minutes, *clock, *zone_offsets(calendar.zone, now), *ends)


def floor(moment: datetime, minutes: int) -> datetime:
    """Return the beginning of the unit that ``moment`` is in."""
    return moment - (moment - EPOCH) % timedelta(minutes=minutes)


def units(start: datetime, end: datetime, minutes: int) -> list[datetime]:
    """Return the beginnings of all units that overlap the time, in order."""
    step = timedelta(minutes=minutes)
    begin = floor(start, minutes)
    return [begin + number * step for number in range(-((begin - end) // step))]
