"""Whether a renter can book anything at all: by hand, and against the rules of bookings themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesto.booking.availability.rules import availability
from mesto.booking.bookable.rules import Fits, Misfit, fits
from mesto.booking.booking_rules.rules import BookingRules, RuleViolation, check, last_start
from mesto.booking.opening_hours.rules import WEEKDAYS, Calendar, Span, weekly
from mesto.booking.pricing.rules import Price

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, noon in Moscow
HOUR, MONTH = Price("hour", Decimal(250), "RUB"), Price("month", Decimal(20_000), "RUB")
MONTHLY = 30 * 24 * 60


def hours(*entries: tuple[str, str], days: tuple[str, ...] = WEEKDAYS) -> Calendar:
    return Calendar(MOSCOW, weekly((days, opens, closes) for opens, closes in entries), {})


RULES = BookingRules(
    calendar=hours(("08:00", "22:00")),
    seats=3,
    slot_minutes=30,
    unit_minutes=30,
    buffer_minutes=0,
    min_minutes=60,
    max_minutes=720,
    notice_minutes=0,
    advance_days=90,
    prices=(HOUR,),
    open_for_booking=True,
)
ALWAYS = hours(("00:00", "24:00"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"prices": ()}, "it has no price"),
        (
            {"min_minutes": 45, "max_minutes": 50},
            "no number of whole slots of 30 minutes makes a booking of 45 minutes to",
        ),
        ({"min_minutes": None, "max_minutes": 15}, "no number of whole slots of 30 minutes"),
        (
            {"slot_minutes": 900, "min_minutes": None, "max_minutes": None},
            "takes 15 hours, and the space is open for 14",
        ),
        ({"notice_minutes": 100 * 1440}, "bookings are taken 100 days ahead at least, and 90 days at most"),
        (
            {"prices": (MONTH,), "min_minutes": MONTHLY, "max_minutes": None},
            "takes 30 days, and the space is open for 14 h",
        ),
        ({"calendar": hours()}, "it is not open within the next 90 days"),
        ({"calendar": hours(("08:00", "22:00"), days=("sun",)), "advance_days": 3}, "not open within the next 3 days"),
        ({"prices": (Price("month", Decimal(10**11), "RUB"),)}, "this costs more than can be paid at once"),
        (
            {"calendar": hours(("12:30", "13:15")), "min_minutes": 30, "advance_days": 1, "notice_minutes": 1440 + 60},
            "what",
        ),
    ],
)
def test_what_cannot_be_booked_says_why(changes: dict[str, object], sentence: str) -> None:
    found = fits(replace(RULES, **changes), NOW)  # type: ignore[arg-type]
    assert isinstance(found, Misfit)
    assert sentence in found.why


def test_what_is_more_than_anybody_may_hold_cannot_be_booked() -> None:
    monthly = replace(RULES, calendar=ALWAYS, prices=(MONTH,), min_minutes=MONTHLY, max_minutes=None)
    assert isinstance(fits(monthly, NOW, timedelta(days=30)), Fits)
    found = fits(monthly, NOW, timedelta(hours=719))
    assert found == Misfit(
        "NothingFits", "the shortest booking takes 30 days, and a renter may hold 719 seat-hours unpaid at most"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"min_minutes": 45, "max_minutes": 60},
        {"min_minutes": None, "max_minutes": None},
        {"calendar": ALWAYS, "prices": (MONTH,), "min_minutes": MONTHLY, "max_minutes": None},
        {"calendar": hours(("22:00", "02:00")), "min_minutes": 240},
        {"calendar": hours(("22:00", "24:00"), ("00:00", "02:00")), "min_minutes": 240},
        {"calendar": ALWAYS, "slot_minutes": 420, "min_minutes": None},
    ],
)
def test_what_can_be_booked(changes: dict[str, object]) -> None:
    assert isinstance(fits(replace(RULES, **changes), NOW), Fits)  # type: ignore[arg-type]


def test_a_verdict_holds_until_the_last_booking_has_become_impossible() -> None:
    today = Calendar(MOSCOW, ((),) * 7, {date(2026, 11, 23): (Span(8 * 60, 22 * 60),)})
    rules = replace(RULES, calendar=today, notice_minutes=60)
    last = datetime(2026, 11, 23, 20, tzinfo=MOSCOW)  # an hour's booking from 21:00, an hour ahead
    assert fits(rules, NOW) == Fits(last)
    assert fits(rules, last) == Fits(last)
    assert isinstance(fits(rules, last + timedelta(seconds=1)), Misfit)


def by_trying(rules: BookingRules, now: datetime) -> bool:
    """Whether any slot begins a booking of any length, asked of the rules of bookings."""
    until = last_start(rules, now) + timedelta(days=1)
    starts = [slot.interval.start for slot in availability(rules, now, until, 1, now, {}) if slot.reason is None]
    for start in starts:
        # Grids change only where hours begin: all ends that can be on one are whole five minutes.
        for minutes in range(5, 3 * 1440, 5):
            try:
                check(rules, start, start + timedelta(minutes=minutes), 1, now)
                return True
            except RuleViolation as broken:
                if broken.code in ("too-long", "outside-opening-hours"):
                    break
    return False


fives = st.integers(1, 40).map(lambda count: count * 15)


@settings(max_examples=60, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 23), st.integers(1, 40)), max_size=2),
    days=st.lists(st.sampled_from(range(7)), max_size=3, unique=True),
    slot=st.sampled_from([30, 60, 90, 300, 420, 900, 1440]),
    least=st.none() | fives,
    most=st.none() | fives,
    notice=st.sampled_from([0, 60, 1440, 3 * 1440]),
    advance=st.integers(1, 4),
    now=st.datetimes(datetime(2027, 3, 25), datetime(2027, 4, 2), timezones=st.just(UTC)),
)
def test_it_agrees_with_the_rules_of_bookings(
    spans: list[tuple[int, int]],
    days: list[int],
    slot: int,
    least: int | None,
    most: int | None,
    notice: int,
    advance: int,
    now: datetime,
) -> None:
    day = tuple(Span(opening * 60, opening * 60 + length * 30) for opening, length in spans)
    berlin = Calendar(ZoneInfo("Europe/Berlin"), tuple(day if number in days else () for number in range(7)), {})
    rules = replace(
        RULES,
        calendar=berlin,
        slot_minutes=slot,
        min_minutes=least,
        max_minutes=most,
        notice_minutes=notice,
        advance_days=advance,
    )
    now = now.replace(second=0, microsecond=0)
    assert isinstance(fits(rules, now), Fits) is by_trying(rules, now)
