"""Which bookings a change of rules would strand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.booking.opening_hours.rules import Calendar
from mesto.booking.time_units import rules as time_units


@dataclass(frozen=True)
class Rule:
    """What a booking that was accepted hangs on."""

    calendar: Calendar
    seats: int


@dataclass(frozen=True)
class Seated:
    """A booking that occupies seats of one resource; times in UTC."""

    id: UUID
    start: datetime
    end: datetime
    busy_until: datetime
    seats: int


def unhonourable(seated: Iterable[Seated], rule: Rule | None, unit_minutes: int, now: datetime) -> set[UUID]:
    """Return the bookings of a resource, given in the order in which they were made, that do not fit a rule.

    Without a rule there is no resource, and none fits. What is past counts no more. Seats go to who came
    first, so those who came last do not fit.
    """
    used: Counter[datetime] = Counter()
    found: set[UUID] = set()
    for booking in seated:
        begin = max(booking.start, now)
        if rule is None or (begin < booking.end and not rule.calendar.covers(begin, booking.end)):
            found.add(booking.id)
            continue
        busy = time_units.units(begin, booking.busy_until, unit_minutes)
        if any(used[unit] + booking.seats > rule.seats for unit in busy):
            found.add(booking.id)
            continue
        used.update(dict.fromkeys(busy, booking.seats))
    return found


def stranded(
    seated: Iterable[Seated], before: Rule | None, after: Rule | None, unit_minutes: int, now: datetime
) -> set[UUID]:
    """Return the bookings that fit by the rule before and not by the one after: no earlier change is told again."""
    known = list(seated)
    return unhonourable(known, after, unit_minutes, now) - unhonourable(known, before, unit_minutes, now)
