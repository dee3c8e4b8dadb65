"""What a booking costs and what comes back when it is cancelled. Amounts are decimals of a currency's main unit."""

from __future__ import annotations

import calendar as months_of
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from mesto.booking.domain.calendar import Calendar
from mesto.contracts.money import rounded

MOMENT = timedelta(microseconds=1)
ORDER = {"hour": 0, "day": 1, "month": 2}


@dataclass(frozen=True)
class Price:
    """What a seat costs ``per`` hour, day or month."""

    per: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Quote:
    """The whole cost, and what it is made of: so many ``units`` (hours, days or months) of a seat's ``amount``."""

    total: Decimal
    currency: str
    per: str
    amount: Decimal = field(default=Decimal(0), compare=False)
    units: Fraction = field(default=Fraction(), compare=False)


@dataclass(frozen=True)
class Tier:
    """Cancelled at least ``before_minutes`` before the start: ``percent`` comes back."""

    before_minutes: int
    percent: int


def add_months(local: datetime, count: int) -> datetime:
    """The same day and time ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    day = min(local.day, months_of.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def months_needed(start: datetime, last: datetime) -> int:
    """Calendar months from ``start`` on that are needed to cover all up to ``last``, the last moment covered.

    Both are wall-clock times. An exclusive end is none: when the clocks change just then, it lies an hour off.
    """
    count = max(1, (last.year - start.year) * 12 + last.month - start.month)
    while add_months(start, count) <= last:
        count += 1
    return count


def _units(price: Price, start: datetime, end: datetime, hours: Calendar) -> Fraction:
    match price.per:
        case "hour":
            # Elapsed minutes, not wall-clock ones: the hour that comes twice is used twice.
            return Fraction((end - start) // timedelta(minutes=1), 60)
        case "day":
            return Fraction(len(hours.dates(start, end)))
        case _:
            first, last = (one.astimezone(hours.zone).replace(tzinfo=None) for one in (start, end - MOMENT))
            return Fraction(months_needed(first, last))


def _offer(price: Price, start: datetime, end: datetime, seats: int, hours: Calendar) -> Quote:
    units = _units(price, start, end, hours)
    total = rounded(price.amount * units.numerator * seats / units.denominator, price.currency)
    return Quote(total, price.currency, price.per, price.amount, units)


def quote(prices: Iterable[Price], start: datetime, end: datetime, seats: int, hours: Calendar) -> Quote | None:
    """The cheapest way to pay for a time within the opening hours; None without prices.

    A day price covers the hours of one date, also those past midnight. Currencies are never compared: only prices in
    the currency declared first count. A tie goes to the shorter unit.
    """
    declared = list(prices)
    offers = [_offer(price, start, end, seats, hours) for price in declared if price.currency == declared[0].currency]
    return min(offers, key=lambda offer: (offer.total, ORDER[offer.per]), default=None)


def refund_percent(tiers: Iterable[Tier], start: datetime, now: datetime) -> int:
    """The highest percent whose notice is still kept; 0 when none is."""
    left = start - now
    return max((tier.percent for tier in tiers if timedelta(minutes=tier.before_minutes) <= left), default=0)


def share(amount: Decimal, currency: str, percent: int) -> Decimal:
    """``percent`` of an amount, rounded half up."""
    return rounded(amount * percent / 100, currency)
