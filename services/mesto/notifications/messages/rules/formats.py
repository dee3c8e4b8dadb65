"""Numbers with their nouns, money and times as a mail writes them, in Russian and English."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import dates as babel_dates
from babel import numbers as babel_numbers
from mesto.contracts.money import SYMBOLS, Money
from mesto.contracts.plurals import format_count
from mesto.contracts.text import SEATS, Language

_DATES = {"ru": "d MMMM y 'г.'", "en": "d MMMM y"}
"""In CLDR's signs. Its own long dates have another blank before the г., and in English the month first."""
_FREE = {"ru": "бесплатно", "en": "free of charge"}
NO_BREAK = "\N{NO-BREAK SPACE}"


def format_seats(number: int, locale: Language) -> str:
    """Return a number of seats, for example ``2 места``."""
    return format_count(number, SEATS[locale], locale)


def format_money(money: Money, locale: Language) -> str:
    """Return ``1 250 ₽`` in Russian, ``$1,250.50`` in English; whole amounts without the zeros, nothing is free."""
    amount = money.amount
    if not amount:
        return _FREE[locale]
    decimals = 0 if amount == amount.to_integral_value() else -int(amount.as_tuple().exponent)
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    number = babel_numbers.format_decimal(amount, pattern, locale)
    symbol = SYMBOLS.get(money.currency, money.currency)
    if locale == "ru":
        return number + NO_BREAK + symbol
    return symbol + number if len(symbol) == 1 else f"{symbol}{NO_BREAK}{number}"


def format_date(moment: datetime, locale: Language) -> str:
    """Return a date, for example ``24 ноября 2026 г.``."""
    return babel_dates.format_date(moment.date(), _DATES[locale], locale)


def format_day(moment: datetime, locale: Language) -> str:
    """Return a date with its weekday, for example ``вторник, 24 ноября 2026 г.``."""
    return babel_dates.format_date(moment.date(), f"EEEE, {_DATES[locale]}", locale)


def format_period(start: datetime, end: datetime, time_zone: str, locale: Language) -> str:
    """Return the venue's local time, for example ``вторник, 24 ноября 2026 г., 10:00–13:00``."""
    zone = ZoneInfo(time_zone)
    first, (last, until) = start.astimezone(zone), _end(end, zone)
    if first.date() == last.date():
        return f"{format_day(first, locale)}, {first:%H:%M}–{until}"
    return f"{format_day(first, locale)}, {first:%H:%M} – {format_day(last, locale)}, {until}"


def _end(end: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """Return a moment of the last covered minute, and the clock when it is over: 24:00 at the end of its date.

    The end itself is not covered. When the clocks change just then they show another hour, even another date.
    """
    last = (end - timedelta(microseconds=1)).astimezone(zone)
    hours, minutes = divmod(last.hour * 60 + last.minute + 1, 60)
    return last, f"{hours:02}:{minutes:02}"


_WITHIN_MINUTES = {
    "ru": {"one": "минуты", "few": "минут", "many": "минут"},
    "en": {"one": "minute", "other": "minutes"},
}
_WITHIN_HOURS = {"ru": {"one": "часа", "few": "часов", "many": "часов"}, "en": {"one": "hour", "other": "hours"}}


def format_within(span: timedelta, locale: Language) -> str:
    """Return how long something works, in Russian in the genitive: ``60 минут``, ``24 часов``."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120 and minutes != 60:
        return format_count(minutes, _WITHIN_MINUTES[locale], locale)
    return format_count(round(minutes / 60), _WITHIN_HOURS[locale], locale)


def format_instant(moment: datetime, locale: Language) -> str:
    """Return a moment where nobody knows its reader's zone, for example ``24 ноября 2026 г., 10:00 UTC``."""
    moment = moment.astimezone(UTC)
    return f"{format_date(moment, locale)}, {moment:%H:%M}{NO_BREAK}UTC"
