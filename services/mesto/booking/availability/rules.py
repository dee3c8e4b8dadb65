"""What is free: the grid of a resource with the seats that are left, and the nearest time that can be had."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mesto.booking.booking_rules.rules import BookingRules, time_refusal
from mesto.booking.opening_hours.rules import Dated, Interval, covers, on_grid
from mesto.booking.time_units import rules as time_units

MOST_TAKEN = 48
"""Taken slots that are named one by one."""
MOST_TRIED = 50
"""Times that are open and free, and yet do not fit the grid, before no more are looked at."""


@dataclass(frozen=True)
class Slot:
    """A slot of the grid with its free seats; ``reason`` says why it is not bookable."""

    interval: Dated
    seats_free: int
    reason: str | None


def availability(
    rules: BookingRules, start: datetime, end: datetime, seats: int, now: datetime, free: Mapping[datetime, int]
) -> list[Slot]:
    """Return the grid's slots in ``start <= slot < end``; ``free`` has the units where not all seats are free."""
    found = []
    for interval in rules.calendar.slots(start, end, rules.slot_minutes):
        left = lowest(rules, rules.busy(interval.start, interval.end), free)
        found.append(
            Slot(interval, left, time_refusal(rules, interval.start, now) or _seats_refusal(rules, seats, left))
        )
    return found


def _seats_refusal(rules: BookingRules, seats: int, left: int) -> str | None:
    if seats > rules.seats:
        return "too_many_seats"  # it was not taken by others
    return "full" if left < seats else None


def lowest(rules: BookingRules, busy: list[datetime], free: Mapping[datetime, int]) -> int:
    """Return the seats free in all of the units: the peak of use counts, never the sum."""
    return max(0, min((free.get(unit, rules.seats) for unit in busy), default=rules.seats))


def taken_slots(
    rules: BookingRules, requested: Interval, seats: int, free: Mapping[datetime, int], most: int = MOST_TAKEN
) -> list[Slot]:
    """Return the first slots of a requested time in which fewer seats are free."""
    full = _full_units(seats, free)
    found = []
    for interval in rules.calendar.slots(requested.start, requested.end, rules.slot_minutes):
        if _is_taken(rules, interval.start, interval.end, full):
            found.append(Slot(interval, lowest(rules, rules.busy(interval.start, interval.end), free), "full"))
            if len(found) == most:
                break
    return found


def alternative(
    rules: BookingRules, requested: Interval, seats: int, now: datetime, free: Mapping[datetime, int], window: Interval
) -> Interval | None:
    """Return the free time of the same length nearest to the requested start in ``window``; of two as near the later.

    It is looked for in a time that does not grow with the length: each request for a taken time asks.
    """
    length, full = requested.end - requested.start, _full_units(seats, free)
    opened = tuple(rules.calendar.opened(window.start, window.end + length))
    starts = [
        slot.start
        for slot in rules.calendar.slots(window.start, window.end, rules.slot_minutes)
        if not _is_taken(rules, slot.start, slot.start + length, full)
    ]
    tried = 0
    for start in sorted(starts, key=lambda start: (abs(start - requested.start), -start.timestamp())):
        if time_refusal(rules, start, now) or not covers(_around(opened, start), start, start + length):
            continue
        if _fits(rules, start, start + length):
            return Interval(start, start + length)
        tried += 1
        if tried == MOST_TRIED:
            break
    return None


def _full_units(seats: int, free: Mapping[datetime, int]) -> list[datetime]:
    return sorted(unit for unit, left in free.items() if left < seats)


def _is_taken(rules: BookingRules, start: datetime, end: datetime, full: list[datetime]) -> bool:
    """Return whether a booking would need one of the ``full`` units, which are in order."""
    first = bisect_left(full, time_units.floor(start, rules.unit_minutes))
    return first < len(full) and full[first] < end + timedelta(minutes=rules.buffer_minutes)


def _around(opened: tuple[Interval, ...], start: datetime) -> Iterator[Interval]:
    """Return the open times from the one on that is not over at ``start``."""
    first = bisect_right(opened, start, key=lambda interval: interval.end)
    return (opened[number] for number in range(first, len(opened)))


def _fits(rules: BookingRules, start: datetime, end: datetime) -> bool:
    opened = tuple(rules.calendar.opened(start, end))
    return covers(opened, start, end) and on_grid(opened, end, rules.slot_minutes, closing=True)
