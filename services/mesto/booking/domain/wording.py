"""A price in words, in Russian and English: ``250 ₽ × 3 h × 2 seats``."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mesto.booking.domain.money import Quote

_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£"}
_WORDS = {
    "day": {"ru": ("день", "дня", "дней"), "en": ("day", "days")},
    "month": {"ru": ("месяц", "месяца", "месяцев"), "en": ("month", "months")},
    "seat": {"ru": ("место", "места", "мест"), "en": ("seat", "seats")},
}
_HOUR, _MINUTE = {"ru": "ч", "en": "h"}, {"ru": "мин", "en": "min"}


def priced_in_words(quote: Quote, seats: int, language: str) -> str:
    """The price of a seat, times its units, times the seats."""
    unit = _time(quote.units, language) if quote.per == "hour" else _count(int(quote.units), quote.per, language)
    return f"{_money(quote.amount, quote.currency, language)} × {unit} × {_count(seats, 'seat', language)}"


def _money(amount: Decimal, currency: str, language: str) -> str:
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"
    if language == "ru":
        number = number.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return f"{number}\N{NO-BREAK SPACE}{_SYMBOLS.get(currency, currency)}"


def _time(hours: Fraction, language: str) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    parts = [f"{whole} {_HOUR[language]}"] if whole else []
    return " ".join([*parts, f"{minutes} {_MINUTE[language]}"] if minutes or not parts else parts)


def _count(number: int, word: str, language: str) -> str:
    forms = _WORDS[word][language]
    if language == "en":
        return f"{number} {forms[number != 1]}"
    tens, ones = number % 100 // 10, number % 10
    few = ones in (2, 3, 4) and tens != 1
    return f"{number} {forms[0 if ones == 1 and tens != 1 else 1 if few else 2]}"
