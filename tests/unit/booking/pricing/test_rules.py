"""What a booking costs, and what comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mesto.booking.opening_hours.rules import WEEKDAYS, Calendar, instant, weekly
from mesto.booking.pricing.rules import Price, Quote, Tier, add_months, quote, refund_percent, share

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
HOUR, DAY, MONTH = (
    Price("hour", Decimal("250.00"), "RUB"),
    Price("day", Decimal("1500.00"), "RUB"),
    Price("month", Decimal("20000.00"), "RUB"),
)


def always(zone: ZoneInfo) -> Calendar:
    return Calendar(zone, weekly([(WEEKDAYS, "00:00", "24:00")]), {})


ALWAYS = always(MOSCOW)
amounts = st.decimals(min_value=0, max_value=100_000, places=2)


def total(prices: list[Price], start: datetime, hours: float, seats: int = 1) -> Quote | None:
    return quote(prices, start, start + timedelta(hours=hours), seats, ALWAYS)


def test_a_quote_says_of_what_it_is_made() -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=MOSCOW)
    found = total([HOUR], start, 1.5, seats=2)
    assert found is not None
    assert (found.amount, found.units, found.total) == (Decimal("250.00"), Fraction(3, 2), Decimal("750.00"))


def test_the_cheapest_price_that_covers_the_time() -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=MOSCOW)
    assert total([HOUR, DAY, MONTH], start, 2) == Quote(Decimal("500.00"), "RUB", "hour")
    assert total([HOUR, DAY, MONTH], start, 7) == Quote(Decimal("1500.00"), "RUB", "day")
    assert total([HOUR, DAY, MONTH], start, 6) == Quote(Decimal("1500.00"), "RUB", "hour"), "a tie goes to the hour"
    assert total([HOUR, DAY, MONTH], start, 24 * 30, 2) == Quote(Decimal("40000.00"), "RUB", "month")
    assert total([MONTH], start, 1) == Quote(Decimal("20000.00"), "RUB", "month")
    assert total([], start, 1) is None


def test_days_are_local_dates() -> None:
    evening = datetime(2026, 12, 1, 20, tzinfo=MOSCOW)
    assert total([DAY], evening, 4) == Quote(Decimal("1500.00"), "RUB", "day"), "ending at midnight is one date"
    assert total([DAY], evening, 5) == Quote(Decimal("3000.00"), "RUB", "day")


def test_months_are_of_the_calendar() -> None:
    start = datetime(2027, 1, 31, 9, tzinfo=MOSCOW)
    assert add_months(datetime(2027, 1, 31, 9), 1) == datetime(2027, 2, 28, 9)
    assert add_months(datetime(2026, 12, 5), 1) == datetime(2027, 1, 5)
    single = quote([MONTH], start, datetime(2027, 2, 28, 9, tzinfo=MOSCOW), 1, ALWAYS)
    double = quote([MONTH], start, datetime(2027, 2, 28, 10, tzinfo=MOSCOW), 1, ALWAYS)
    assert single is not None
    assert double is not None
    assert (single.total, double.total) == (Decimal("20000.00"), Decimal("40000.00"))


def test_a_night_is_one_day() -> None:
    nights = Calendar(MOSCOW, weekly([(WEEKDAYS, "20:00", "04:00")]), {})
    start = datetime(2026, 12, 1, 22, tzinfo=MOSCOW)
    single = quote([DAY], start, start + timedelta(hours=6), 1, nights)
    double = quote([DAY], start, start + timedelta(hours=6, days=1), 1, nights)
    assert single is not None
    assert double is not None
    assert (single.total, double.total) == (Decimal("1500.00"), Decimal("3000.00"))


ZONES = sorted(available_timezones() - {"localtime"})
"""All of the tz database."""


@settings(max_examples=300)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    day=st.dates(date(2000, 1, 1), date(2037, 12, 1)),
    opening=st.integers(0, 47),
    # Midnight, where days end and half of the zones that change their clocks by night do it, comes often.
    closing=st.integers(1, 48) | st.just(48),
)
@example(zone=ZoneInfo("Africa/Cairo"), day=date(2027, 4, 29), opening=40, closing=48)
@example(zone=ZoneInfo("America/Havana"), day=date(2026, 3, 7), opening=40, closing=48)
@example(zone=ZoneInfo("America/Santiago"), day=date(2026, 9, 5), opening=40, closing=48)
@example(zone=ZoneInfo("Africa/Cairo"), day=date(2026, 10, 29), opening=47, closing=48)
@example(zone=ZoneInfo("Pacific/Apia"), day=date(2011, 12, 29), opening=0, closing=48)
def test_the_hours_of_a_date_cost_a_day_and_a_month_at_most_in_every_zone(
    zone: ZoneInfo, day: date, opening: int, closing: int
) -> None:
    hours = always(zone)
    start, end = instant(zone, day, opening * 30), instant(zone, day, closing * 30, closing=True)
    assume(start < end)
    for price in (DAY, MONTH):
        found = quote([price], start, end, 1, hours)
        assert found is not None
        assert found.total == price.amount
    until = add_months(datetime.combine(day, time()), 1)
    assume((until - datetime.combine(day, time())).days >= 28)
    whole = quote([MONTH], instant(zone, day, 0), instant(zone, until.date(), 0), 1, hours)
    assert whole is not None
    assert whole.total == MONTH.amount, "a month ends where the next begins, wherever the clocks are then"


def test_currencies_are_not_compared() -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=MOSCOW)
    euros = Price("hour", Decimal("1.00"), "EUR")
    assert total([HOUR, euros, DAY], start, 2) == Quote(Decimal("500.00"), "RUB", "hour")
    assert total([euros, HOUR], start, 2) == Quote(Decimal("2.00"), "EUR", "hour")


def test_an_hour_that_comes_twice_is_paid_twice() -> None:
    start = datetime(2027, 10, 31, 0, tzinfo=BERLIN).astimezone(UTC)
    end = datetime(2027, 10, 31, 4, tzinfo=BERLIN).astimezone(UTC)
    found = quote([HOUR], start, end, 1, always(BERLIN))
    assert found == Quote(Decimal("1250.00"), "RUB", "hour")


@given(amount=amounts, slots=st.integers(1, 600), seats=st.integers(1, 50))
def test_hours_are_exact_and_rounded_half_up_once(amount: Decimal, slots: int, seats: int) -> None:
    start = datetime(2026, 12, 1, tzinfo=UTC)
    found = quote([Price("hour", amount, "RUB")], start, start + timedelta(minutes=5 * slots), seats, ALWAYS)
    exact = Fraction(amount) * 5 * slots * seats / 60
    assert found is not None
    assert Fraction(found.total) == Fraction((exact * 100 + Fraction(1, 2)) // 1, 100)


@given(prices=st.lists(st.sampled_from([HOUR, DAY, MONTH]), min_size=1), hours=st.integers(1, 2000))
def test_another_price_never_makes_it_dearer(prices: list[Price], hours: int) -> None:
    start = datetime(2026, 12, 1, tzinfo=UTC)
    fewer, more = total(prices, start, hours), total([*prices, HOUR], start, hours)
    assert fewer is not None
    assert more is not None
    assert more.total <= fewer.total


@pytest.mark.parametrize(
    ("left", "percent"),
    [(48 * 60, 100), (24 * 60, 100), (24 * 60 - 1, 50), (120, 50), (119, 0), (-5, 0)],
)
def test_the_highest_percent_whose_notice_is_kept(left: int, percent: int) -> None:
    tiers, start = [Tier(120, 50), Tier(24 * 60, 100)], datetime(2026, 12, 1, tzinfo=UTC)
    assert refund_percent(tiers, start, start - timedelta(minutes=left)) == percent
    assert refund_percent([], start, start - timedelta(minutes=left)) == 0


@given(amount=amounts, percent=st.integers(0, 100))
def test_a_share_is_never_more_than_the_whole(amount: Decimal, percent: int) -> None:
    assert 0 <= share(amount, "RUB", percent) <= amount
    assert share(amount, "RUB", 100) == amount
    assert share(amount, "RUB", 0) == 0


@pytest.mark.parametrize(
    ("currency", "amount", "half_an_hour", "a_third"),
    [("JPY", "501", "251", "165"), ("KWD", "1.251", "0.626", "0.413"), ("RUB", "1.25", "0.63", "0.41")],
)
def test_amounts_have_the_decimals_of_their_currency(
    currency: str, amount: str, half_an_hour: str, a_third: str
) -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=UTC)
    price = Price("hour", Decimal(amount), currency)
    found = quote([price], start, start + timedelta(minutes=30), 1, ALWAYS)
    assert found is not None
    assert str(found.total) == half_an_hour
    assert str(share(price.amount, currency, 33)) == a_third
