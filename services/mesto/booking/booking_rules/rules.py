"""What may be booked: the rules of a resource applied to a wanted time, seats and the present."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mesto.booking.domain import calendar, money, units
from mesto.booking.domain.calendar import Calendar, Dated, Interval

DEFAULT_MAX = timedelta(days=31)
MAX_UNITS = 20_000
MAX_TOTAL = Decimal("9999999999.99")
MOST_TAKEN = 48
"""Taken slots that are named one by one."""
MOST_TRIED = 50
"""Times that are open and free, and yet do not fit the grid, before no more are looked at."""


class Broken(Exception):
    """A rule is broken. ``code`` is stable (kebab-case), ``field`` is the one to change, the message is for people."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code, self.field, self.message = code, field, message


@dataclass(frozen=True)
class Terms:
    """How a resource can be booked now. Durations in minutes; ``open_for_booking`` is False once unpublished."""

    calendar: Calendar
    seats: int
    slot_minutes: int
    unit_minutes: int
    buffer_minutes: int
    min_minutes: int | None
    max_minutes: int | None
    notice_minutes: int
    advance_days: int
    prices: tuple[money.Price, ...]
    open_for_booking: bool

    def busy(self, start: datetime, end: datetime) -> list[datetime]:
        """Units that a booking occupies, the buffer after it included."""
        return units.units(start, end + timedelta(minutes=self.buffer_minutes), self.unit_minutes)


def last_start(terms: Terms, now: datetime) -> datetime:
    """Bookings may begin before this instant: the end of the last local date that is near enough."""
    today = now.astimezone(terms.calendar.zone).date()
    last = today + timedelta(days=terms.advance_days + 1)
    return datetime.combine(last, datetime.min.time(), tzinfo=terms.calendar.zone)


def time_refusal(terms: Terms, start: datetime, now: datetime) -> str | None:
    """Why nothing that begins at ``start`` can be booked now: unpublished, past, notice, too_far or no_price."""
    if not terms.open_for_booking:
        return "unpublished"
    if start < now:
        return "past"
    if start < now + timedelta(minutes=terms.notice_minutes):
        return "notice"
    if start >= last_start(terms, now):
        return "too_far"
    return None if terms.prices else "no_price"


def _check_time(terms: Terms, start: datetime, now: datetime) -> None:
    match time_refusal(terms, start, now):
        case "unpublished":
            raise Broken("not-bookable", "resource_id", "This cannot be booked now: it is not published.")
        case "past":
            raise Broken("in-the-past", "start", "The start is in the past.")
        case "notice":
            raise Broken("too-soon", "start", f"Book at least {terms.notice_minutes} minutes ahead.")
        case "too_far":
            raise Broken("too-far", "start", f"Book at most {terms.advance_days} days ahead.")
        case "no_price":
            raise Broken("no-price", "resource_id", "This cannot be booked now: it has no price.")
        case _:
            return


def shortest(terms: Terms) -> timedelta:
    """How long a booking is at least."""
    return timedelta(minutes=terms.slot_minutes if terms.min_minutes is None else terms.min_minutes)


def longest(terms: Terms) -> timedelta:
    """How long a booking is at most."""
    return DEFAULT_MAX if terms.max_minutes is None else timedelta(minutes=terms.max_minutes)


def _check_duration(terms: Terms, start: datetime, end: datetime) -> None:
    if end <= start:
        raise Broken("invalid-time", "end", "The end must be after the start.")
    duration = end - start
    if duration < (least := shortest(terms)):
        raise Broken("too-short", "end", f"Book at least {least // timedelta(minutes=1)} minutes.")
    if duration > (most := longest(terms)):
        raise Broken("too-long", "end", f"Book at most {most // timedelta(minutes=1)} minutes.")
    if duration / timedelta(minutes=terms.unit_minutes) > MAX_UNITS:
        raise Broken("too-long", "end", "This time is too long to be booked at once.")


def check(terms: Terms, start: datetime, end: datetime, seats: int, now: datetime) -> money.Quote:
    """What the wanted booking costs. Raises Broken with the first rule that it breaks; capacity is not asked here."""
    _check_duration(terms, start, end)
    _check_time(terms, start, now)
    if not 1 <= seats <= terms.seats:
        raise Broken("too-many-seats", "seats", f"There are {terms.seats} seats in all.")
    opened = tuple(terms.calendar.opened(start, end))
    if not calendar.covers(opened, start, end):
        raise Broken("outside-opening-hours", "start", "The space is not open the whole time.")
    grid = f"Times go by {terms.slot_minutes} minutes from the opening."
    if not calendar.on_grid(opened, start, terms.slot_minutes):
        raise Broken("not-on-grid", "start", grid)
    if not calendar.on_grid(opened, end, terms.slot_minutes, closing=True):
        raise Broken("not-on-grid", "end", grid)
    quote = money.quote(terms.prices, start, end, seats, terms.calendar)
    assert quote is not None
    if quote.total > MAX_TOTAL:
        raise Broken("too-expensive", "end", "This costs more than can be paid at once.")
    return quote


@dataclass(frozen=True)
class Slot:
    """A slot of the grid with its free seats; ``reason`` says why it is not bookable."""

    interval: Dated
    seats_free: int
    reason: str | None


def availability(
    terms: Terms, start: datetime, end: datetime, seats: int, now: datetime, free: Mapping[datetime, int]
) -> list[Slot]:
    """Slots of the grid in ``start <= slot < end``; ``free`` has the units where fewer seats than all are free."""
    found = []
    for interval in terms.calendar.slots(start, end, terms.slot_minutes):
        left = lowest(terms, terms.busy(interval.start, interval.end), free)
        found.append(
            Slot(interval, left, time_refusal(terms, interval.start, now) or _seats_refusal(terms, seats, left))
        )
    return found


def _seats_refusal(terms: Terms, seats: int, left: int) -> str | None:
    if seats > terms.seats:
        return "too_many_seats"  # it was not taken by others
    return "full" if left < seats else None


def lowest(terms: Terms, wanted: list[datetime], free: Mapping[datetime, int]) -> int:
    """Seats free in all of the units: the peak of use counts, never the sum."""
    return max(0, min((free.get(unit, terms.seats) for unit in wanted), default=terms.seats))


def taken_slots(
    terms: Terms, wanted: Interval, seats: int, free: Mapping[datetime, int], most: int = MOST_TAKEN
) -> list[Slot]:
    """The first slots of a wanted time in which fewer seats are free."""
    full = _full_units(seats, free)
    found = []
    for interval in terms.calendar.slots(wanted.start, wanted.end, terms.slot_minutes):
        if _is_taken(terms, interval.start, interval.end, full):
            found.append(Slot(interval, lowest(terms, terms.busy(interval.start, interval.end), free), "full"))
            if len(found) == most:
                break
    return found


def alternative(
    terms: Terms, wanted: Interval, seats: int, now: datetime, free: Mapping[datetime, int], window: Interval
) -> Interval | None:
    """The free time of the same length nearest to the wanted start within ``window``; of two as near the later one.

    It is looked for in a time that does not grow with the length: each request for a taken time asks.
    """
    length, full = wanted.end - wanted.start, _full_units(seats, free)
    opened = tuple(terms.calendar.opened(window.start, window.end + length))
    starts = [
        slot.start
        for slot in terms.calendar.slots(window.start, window.end, terms.slot_minutes)
        if not _is_taken(terms, slot.start, slot.start + length, full)
    ]
    tried = 0
    for start in sorted(starts, key=lambda start: (abs(start - wanted.start), -start.timestamp())):
        if time_refusal(terms, start, now) or not calendar.covers(_around(opened, start), start, start + length):
            continue
        if _fits(terms, start, start + length):
            return Interval(start, start + length)
        tried += 1
        if tried == MOST_TRIED:
            break
    return None


def _full_units(seats: int, free: Mapping[datetime, int]) -> list[datetime]:
    return sorted(unit for unit, left in free.items() if left < seats)


def _is_taken(terms: Terms, start: datetime, end: datetime, full: list[datetime]) -> bool:
    """Whether a booking would need one of the ``full`` units, which are in order."""
    first = bisect_left(full, units.floor(start, terms.unit_minutes))
    return first < len(full) and full[first] < end + timedelta(minutes=terms.buffer_minutes)


def _around(opened: tuple[Interval, ...], start: datetime) -> Iterator[Interval]:
    """The open times from the one on that is not over at ``start``."""
    first = bisect_right(opened, start, key=lambda interval: interval.end)
    return (opened[number] for number in range(first, len(opened)))


def _fits(terms: Terms, start: datetime, end: datetime) -> bool:
    opened = tuple(terms.calendar.opened(start, end))
    return calendar.covers(opened, start, end) and calendar.on_grid(opened, end, terms.slot_minutes, closing=True)
