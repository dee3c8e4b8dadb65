"""Numbers with their nouns, money and times as a mail writes them, in Russian and English."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mesto.contracts.money import Money
from mesto.contracts.text import Language

_DAYS = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "ru": (
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£"}
_FREE = {"ru": "бесплатно", "en": "free of charge"}
NO_BREAK = "\N{NO-BREAK SPACE}"


def plural_ru(number: int, one: str, few: str, many: str) -> str:
    """Return the Russian form of a noun after a number: 1 место, 2 места, 5 мест, 11 мест, 21 место."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return few
    return many


def format_seats(number: int, locale: Language) -> str:
    """Return a number of seats, for example ``2 места``."""
    if locale == "ru":
        return f"{number} {plural_ru(number, 'место', 'места', 'мест')}"
    return f"{number} seat" if number == 1 else f"{number} seats"


def format_money(money: Money, locale: Language) -> str:
    """Return ``1 250 ₽`` in Russian, ``$1,250.50`` in English; whole amounts without the zeros, nothing is free."""
    amount = money.amount
    if not amount:
        return _FREE[locale]
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"
    symbol = _SYMBOLS.get(money.currency, money.currency)
    if locale == "ru":
        return number.replace(",", NO_BREAK).replace(".", ",") + NO_BREAK + symbol
    return symbol + number if len(symbol) == 1 else f"{symbol}{NO_BREAK}{number}"


def format_date(moment: datetime, locale: Language) -> str:
    """Return a date, for example ``24 ноября 2026 г.``."""
    month = _MONTHS[locale][moment.month - 1]
    return f"{moment.day} {month} {moment.year}" + (" г." if locale == "ru" else "")


def format_day(moment: datetime, locale: Language) -> str:
    """Return a date with its weekday, for example ``вторник, 24 ноября 2026 г.``."""
    return f"{_DAYS[locale][moment.weekday()]}, {format_date(moment, locale)}"


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
