"""What a booking costs and what comes back when it is cancelled. Amounts are decimals of a currency's main unit."""

from __future__ import annotations

import calendar as months_of
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")
ORDER = {"hour": 0, "day": 1, "month": 2}


@dataclass(frozen=True)
class Price:
    """What a seat costs ``per`` hour, day or month."""

    per: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Quote:
    """The whole cost, and the price that it was made of."""

    total: Decimal
    currency: str
    per: str


@dataclass(frozen=True)
class Tier:
    """Cancelled at least ``before_minutes`` before the start: ``percent`` comes back."""

    before_minutes: int
    percent: int


def cents(amount: Decimal) -> Decimal:
    """Round half up to a hundredth."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def add_months(local: datetime, count: int) -> datetime:
    """The same day and time ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    day = min(local.day, months_of.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def dates_touched(start: datetime, end: datetime) -> int:
    """Local dates that the time touches; ending at midnight does not touch the next."""
    return ((end - timedelta(microseconds=1)).date() - start.date()).days + 1


def months_needed(start: datetime, end: datetime) -> int:
    """Calendar months from ``start`` on that are needed to cover the time."""
    count = max(1, (end.year - start.year) * 12 + end.month - start.month)
    while add_months(start, count) < end:
        count += 1
    return count


def _cost(price: Price, start: datetime, end: datetime, seats: int, zone: ZoneInfo) -> Decimal:
    if price.per == "hour":
        # Elapsed minutes, not wall-clock ones: the hour that comes twice is used twice.
        minutes = (end - start) // timedelta(minutes=1)
        return cents(price.amount * minutes * seats / 60)
    local_start, local_end = (moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end))
    counted = dates_touched if price.per == "day" else months_needed
    return cents(price.amount * counted(local_start, local_end) * seats)


def quote(prices: Iterable[Price], start: datetime, end: datetime, seats: int, zone: ZoneInfo) -> Quote | None:
    """The cheapest way to pay for the time; None without prices.

    Currencies are never compared: only prices in the currency declared first count. A tie goes to the shorter unit.
    """
    declared = list(prices)
    offers = [
        Quote(_cost(price, start, end, seats, zone), price.currency, price.per)
        for price in declared
        if price.currency == declared[0].currency
    ]
    return min(offers, key=lambda offer: (offer.total, ORDER[offer.per]), default=None)


def refund_percent(tiers: Iterable[Tier], start: datetime, now: datetime) -> int:
    """The highest percent whose notice is still kept; 0 when none is."""
    left = start - now
    return max((tier.percent for tier in tiers if timedelta(minutes=tier.before_minutes) <= left), default=0)


def share(amount: Decimal, percent: int) -> Decimal:
    """``percent`` of an amount, rounded half up to a hundredth."""
    return cents(amount * percent / 100)
