"""What may be booked: the rules of a resource applied to a requested time, seats and the present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mesto.booking.opening_hours import rules as opening_hours
from mesto.booking.opening_hours.rules import Calendar, make_calendar
from mesto.booking.pricing import rules as pricing
from mesto.booking.spaces.records import BookableResource
from mesto.booking.time_units import rules as time_units

DEFAULT_MAX = timedelta(days=31)
MAX_UNITS = 20_000
MAX_TOTAL = Decimal("9999999999.99")
MONTH_MINUTES = 31 * 24 * 60


class RuleViolation(Exception):
    """A rule is broken. ``code`` is stable (kebab-case), ``field`` is the one to change, the message is for people."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code, self.field, self.message = code, field, message


@dataclass(frozen=True)
class BookingRules:
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
    prices: tuple[pricing.Price, ...]
    open_for_booking: bool

    def busy(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the units that a booking occupies, the buffer after it included."""
        return time_units.units(start, end + timedelta(minutes=self.buffer_minutes), self.unit_minutes)


def last_start(rules: BookingRules, now: datetime) -> datetime:
    """Return the bookings may begin before this instant: the end of the last local date that is near enough."""
    today = now.astimezone(rules.calendar.zone).date()
    last = today + timedelta(days=rules.advance_days + 1)
    return datetime.combine(last, datetime.min.time(), tzinfo=rules.calendar.zone)


def time_refusal(rules: BookingRules, start: datetime, now: datetime) -> str | None:
    """Return why nothing that begins at ``start`` can be booked now: unpublished, past, notice, too_far or no_price."""
    if not rules.open_for_booking:
        return "unpublished"
    if start < now:
        return "past"
    if start < now + timedelta(minutes=rules.notice_minutes):
        return "notice"
    if start >= last_start(rules, now):
        return "too_far"
    return None if rules.prices else "no_price"


def _check_time(rules: BookingRules, start: datetime, now: datetime) -> None:
    match time_refusal(rules, start, now):
        case "unpublished":
            raise RuleViolation("not-bookable", "resource_id", "This cannot be booked now: it is not published.")
        case "past":
            raise RuleViolation("in-the-past", "start", "The start is in the past.")
        case "notice":
            raise RuleViolation("too-soon", "start", f"Book at least {rules.notice_minutes} minutes ahead.")
        case "too_far":
            raise RuleViolation("too-far", "start", f"Book at most {rules.advance_days} days ahead.")
        case "no_price":
            raise RuleViolation("no-price", "resource_id", "This cannot be booked now: it has no price.")
        case _:
            return


def shortest(rules: BookingRules) -> timedelta:
    """Return how long a booking is at least."""
    return timedelta(minutes=rules.slot_minutes if rules.min_minutes is None else rules.min_minutes)


def longest(rules: BookingRules) -> timedelta:
    """Return how long a booking is at most."""
    return DEFAULT_MAX if rules.max_minutes is None else timedelta(minutes=rules.max_minutes)


def _check_duration(rules: BookingRules, start: datetime, end: datetime) -> None:
    if end <= start:
        raise RuleViolation("invalid-time", "end", "The end must be after the start.")
    duration = end - start
    if duration < (least := shortest(rules)):
        raise RuleViolation("too-short", "end", f"Book at least {least // timedelta(minutes=1)} minutes.")
    if duration > (most := longest(rules)):
        raise RuleViolation("too-long", "end", f"Book at most {most // timedelta(minutes=1)} minutes.")
    if duration / timedelta(minutes=rules.unit_minutes) > MAX_UNITS:
        raise RuleViolation("too-long", "end", "This time is too long to be booked at once.")


def check(rules: BookingRules, start: datetime, end: datetime, seats: int, now: datetime) -> pricing.Quote:
    """Return what a booking costs. Raises RuleViolation with the first rule that it breaks; capacity does not count."""
    _check_duration(rules, start, end)
    _check_time(rules, start, now)
    if not 1 <= seats <= rules.seats:
        raise RuleViolation("too-many-seats", "seats", f"There are {rules.seats} seats in all.")
    opened = tuple(rules.calendar.opened(start, end))
    if not opening_hours.covers(opened, start, end):
        raise RuleViolation("outside-opening-hours", "start", "The space is not open the whole time.")
    grid = f"Times go by {rules.slot_minutes} minutes from the opening."
    if not opening_hours.on_grid(opened, start, rules.slot_minutes):
        raise RuleViolation("not-on-grid", "start", grid)
    if not opening_hours.on_grid(opened, end, rules.slot_minutes, closing=True):
        raise RuleViolation("not-on-grid", "end", grid)
    quote = pricing.quote(rules.prices, start, end, seats, rules.calendar)
    assert quote is not None
    if quote.total > MAX_TOTAL:
        raise RuleViolation("too-expensive", "end", "This costs more than can be paid at once.")
    return quote


def _longest(resource: BookableResource, usual: int | None) -> int | None:
    """Return the minutes that a resource may be booked at once: its own limit, else the usual one if anything fits.

    A price per month says that a month may be booked, a least duration that so much may be.
    """
    if resource.max_duration_minutes is not None or usual is None:
        return resource.max_duration_minutes
    monthly = MONTH_MINUTES if any(item["per"] == "month" for item in resource.prices) else 0
    return max(usual, monthly, resource.min_duration_minutes or 0)


def rules_of(resource: BookableResource, usual_minutes: int | None = None) -> BookingRules:
    """Return the rules of a resource.

    ``usual_minutes`` is how long may be booked at once where the resource does not say it.
    """
    return BookingRules(
        calendar=make_calendar(resource.time_zone, resource.opening_hours, resource.exceptions),
        seats=resource.seats,
        slot_minutes=resource.slot_minutes,
        unit_minutes=resource.unit_minutes,
        buffer_minutes=resource.buffer_minutes,
        min_minutes=resource.min_duration_minutes,
        max_minutes=_longest(resource, usual_minutes),
        notice_minutes=resource.min_notice_minutes,
        advance_days=resource.max_advance_days,
        prices=pricing.prices(resource.prices),
        open_for_booking=resource.published and resource.active and not resource.removed,
    )
