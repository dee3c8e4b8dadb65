"""What a booking costs, in numbers and in words, and what comes back when it is cancelled.

Amounts are decimals of a currency's main unit.
"""

from __future__ import annotations

import calendar as months_of
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypedDict
from zoneinfo import ZoneInfo

from mesto.booking.opening_hours.rules import Calendar
from mesto.contracts.events import RefundTier
from mesto.contracts.money import SYMBOLS, rounded
from mesto.contracts.plurals import format_count
from mesto.contracts.text import SEATS, Language

MOMENT = timedelta(microseconds=1)
ORDER = {"hour": 0, "day": 1, "month": 2}
_UNITS: Mapping[str, Mapping[Language, Mapping[str, str]]] = {
    "day": {"ru": {"one": "день", "few": "дня", "many": "дней"}, "en": {"one": "day", "other": "days"}},
    "month": {"ru": {"one": "месяц", "few": "месяца", "many": "месяцев"}, "en": {"one": "month", "other": "months"}},
}
_HOUR, _MINUTE = {"ru": "ч", "en": "h"}, {"ru": "мин", "en": "min"}


class DeclaredPrice(TypedDict):
    """A price as catalog publishes it (as JSON)."""

    per: str
    amount: str
    currency: str


class CancellationTerm(TypedDict):
    """A tier of cancellation as catalog publishes it (as JSON)."""

    before_minutes: int
    refund_percent: int


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
    """Return the same day and time ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    day = min(local.day, months_of.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def months_needed(start: datetime, last: datetime) -> int:
    """Return how many calendar months from ``start`` on cover all up to ``last``, the last moment covered.

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
            first, last = (moment.astimezone(hours.zone).replace(tzinfo=None) for moment in (start, end - MOMENT))
            return Fraction(months_needed(first, last))


def _offer(price: Price, start: datetime, end: datetime, seats: int, hours: Calendar) -> Quote:
    units = _units(price, start, end, hours)
    total = rounded(price.amount * units.numerator * seats / units.denominator, price.currency)
    return Quote(total, price.currency, price.per, price.amount, units)


def quote(prices: Iterable[Price], start: datetime, end: datetime, seats: int, hours: Calendar) -> Quote | None:
    """Return the cheapest way to pay for a time within the opening hours; None without prices.

    A day price covers the hours of one date, also those past midnight. Currencies are never compared: only prices in
    the currency declared first count. A tie goes to the shorter unit.
    """
    declared = list(prices)
    offers = [_offer(price, start, end, seats, hours) for price in declared if price.currency == declared[0].currency]
    return min(offers, key=lambda offer: (offer.total, ORDER[offer.per]), default=None)


def refund_percent(tiers: Iterable[Tier], start: datetime, now: datetime) -> int:
    """Return the highest percent whose notice is still kept; 0 when none is."""
    left = start - now
    return max((tier.percent for tier in tiers if timedelta(minutes=tier.before_minutes) <= left), default=0)


def share(amount: Decimal, currency: str, percent: int) -> Decimal:
    """Return ``percent`` of an amount, rounded half up."""
    return rounded(amount * percent / 100, currency)


def prices(declared: Iterable[DeclaredPrice]) -> tuple[Price, ...]:
    """Return prices as they are stored."""
    return tuple(Price(item["per"], Decimal(item["amount"]), item["currency"]) for item in declared)


def tiers(cancellation: Iterable[CancellationTerm]) -> list[Tier]:
    """Return cancellation tiers as they are stored, the longest notice first."""
    found = [Tier(item["before_minutes"], item["refund_percent"]) for item in cancellation]
    return sorted(found, key=lambda tier: -tier.before_minutes)


def refund_tiers(cancellation: Sequence[CancellationTerm], start: datetime, zone: ZoneInfo) -> list[RefundTier]:
    """Return cancellation tiers as dates before a start, in a zone."""
    return [
        RefundTier(until=(start - timedelta(minutes=tier.before_minutes)).astimezone(zone), refund_percent=tier.percent)
        for tier in tiers(cancellation)
    ]


def priced_in_words(quote: Quote, seats: int, language: Language) -> str:
    """Return the price of a seat, times its units, times the seats: ``250 ₽ × 3 h × 2 seats``."""
    if quote.per == "hour":
        unit = _time(quote.units, language)
    else:
        unit = format_count(int(quote.units), _UNITS[quote.per][language], language)
    return (
        f"{_money(quote.amount, quote.currency, language)} × {unit} × {format_count(seats, SEATS[language], language)}"
    )


def _money(amount: Decimal, currency: str, language: Language) -> str:
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"
    if language == "ru":
        number = number.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return f"{number}\N{NO-BREAK SPACE}{SYMBOLS.get(currency, currency)}"


def _time(hours: Fraction, language: Language) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    parts = [f"{whole} {_HOUR[language]}"] if whole else []
    return " ".join([*parts, f"{minutes} {_MINUTE[language]}"] if minutes or not parts else parts)
