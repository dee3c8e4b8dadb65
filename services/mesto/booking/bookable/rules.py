"""Whether a renter can book anything of a resource within its horizon, by the rules that bookings obey.

Seats that are taken do not count: a space that is sold out can be booked by what it declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mesto.booking.booking_rules.rules import BookingRules, RuleViolation, check, last_start, longest, shortest
from mesto.booking.opening_hours.rules import Interval

SURE = timedelta(days=1)
"""A verdict that holds so long need not be proved further into the future."""
_TRIED = 14
"""Dates of a space that never closes that are tried: the others are like them."""


@dataclass(frozen=True)
class Fits:
    """Something can be booked; as far as it was looked, until ``until``."""

    until: datetime


@dataclass(frozen=True)
class Misfit:
    """Nothing can be booked, by a CamelCase reason and a sentence (without a full stop)."""

    reason: str
    why: str


def fits(rules: BookingRules, now: datetime, most_held: timedelta | None = None) -> Fits | Misfit:
    """Return whether one seat can be had for some time, by the rules of a resource (its space is published).

    ``most_held`` is how much seat-time one renter may hold unpaid, None for any.
    """
    if not rules.prices:
        return Misfit("NoPrices", "it has no price")
    least, most = shortest(rules), longest(rules)
    step = timedelta(minutes=rules.slot_minutes)
    needed = -(-least // step) * step
    if needed > most:
        span = _long(least) if least == most else f"{_long(least)} to {_long(most)}"
        return Misfit("NothingFits", f"no number of whole slots of {_long(step)} makes a booking of {span}")
    if most_held is not None and needed > most_held:
        hours = most_held // timedelta(hours=1)
        least_of_all = f"the shortest booking takes {_long(needed)}"
        return Misfit("NothingFits", f"{least_of_all}, and a renter may hold {hours} seat-hours unpaid at most")
    earliest, last = now + timedelta(minutes=rules.notice_minutes), last_start(rules, now)
    if earliest >= last:
        notice = _long(timedelta(minutes=rules.notice_minutes))
        return Misfit(
            "NothingFits", f"bookings are taken {notice} ahead at least, and {rules.advance_days} days at most"
        )
    until: datetime | None = None
    open_for = timedelta()
    for stretch in _stretches(rules.calendar.opened(earliest, last + needed + step)):
        open_for = max(open_for, stretch[-1].end - stretch[0].start)
        for start, end in _bookings(stretch, rules, earliest, last, needed):
            if until is None and (refusal := _refusal(rules, start, end, now)) is not None:
                return Misfit("NothingFits", refusal)
            until = start - timedelta(minutes=rules.notice_minutes)
            if until > now + SURE:
                return Fits(until)
    return Fits(until) if until is not None else _too_short(open_for, needed, rules)


def _refusal(rules: BookingRules, start: datetime, end: datetime, now: datetime) -> str | None:
    """Return what the rules of bookings themselves have against it."""
    try:
        check(rules, start, end, 1, now)
    except RuleViolation as error:
        return error.message[:1].lower() + error.message[1:].rstrip(".")
    return None


def _too_short(open_for: timedelta, needed: timedelta, rules: BookingRules) -> Misfit:
    if not open_for:
        return Misfit("NoOpeningHours", f"it is not open within the next {rules.advance_days} days")
    if open_for < needed:
        takes = f"the shortest booking takes {_long(needed)}"
        return Misfit("NothingFits", f"{takes}, and the space is open for {_long(open_for)} at a stretch at most")
    return Misfit("NothingFits", "what is left of its opening hours is too short for a booking")


def _stretches(opened: Iterable[Interval]) -> Iterator[list[Interval]]:
    """Yield open times that touch as one: the space does not close between them, though its grid begins anew."""
    stretch: list[Interval] = []
    for interval in opened:
        if stretch and interval.start > stretch[-1].end:
            yield stretch
            stretch = []
        stretch.append(interval)
    if stretch:
        yield stretch


def _bookings(
    stretch: list[Interval], rules: BookingRules, earliest: datetime, last: datetime, needed: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Yield some times that the grids of a stretch allow, if there is one at all: the first, and later ones."""
    step = timedelta(minutes=rules.slot_minutes)
    if len(stretch) == 1:
        # One grid: if the first start leaves no room, none does.
        whole = stretch[0]
        first = _on_grid(whole, max(earliest, whole.start), step)
        room = min(whole.end - needed, last - timedelta(microseconds=1)) - first
        if room >= timedelta():
            final = first + room // step * step
            yield from ((start, start + needed) for start in dict.fromkeys((first, final)))
        return
    for number, grid in enumerate(stretch[:_TRIED]):
        start = _on_grid(grid, max(earliest, grid.start), step)
        while start < min(grid.end, last):
            if (end := _end(stretch[number:], start, rules)) is not None:
                yield start, end
                break
            start += step


def _on_grid(whole: Interval, moment: datetime, step: timedelta) -> datetime:
    """Return the first time of a grid from ``moment`` on."""
    return whole.start - (whole.start - moment) // step * step


def _end(stretch: list[Interval], start: datetime, rules: BookingRules) -> datetime | None:
    """Return the earliest end of a booking that begins at ``start``."""
    step = timedelta(minutes=rules.slot_minutes)
    for grid in stretch:
        end = _on_grid(grid, max(start + shortest(rules), grid.start + step), step)
        if end <= grid.end:
            return end if end - start <= longest(rules) else None
    return None


def _long(span: timedelta) -> str:
    """Return a duration in words: ``30 days``, ``12 hours``, ``90 minutes``."""
    units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
    unit, size = next(((unit, size) for unit, size in units if span and not span % size), units[-1])
    count = span // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
