"""A price in words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from mesto.booking.pricing.rules import Quote, priced_in_words


@pytest.mark.parametrize(
    ("per", "amount", "currency", "units", "seats", "russian", "english"),
    [
        ("hour", "250.00", "RUB", Fraction(3), 2, "250 ₽ × 3 ч × 2 места", "250 ₽ × 3 h × 2 seats"),
        ("hour", "8.50", "USD", Fraction(3, 2), 1, "8,50 $ × 1 ч 30 мин × 1 место", "8.50 $ × 1 h 30 min × 1 seat"),
        ("hour", "1200.00", "JPY", Fraction(1, 4), 5, "1 200 JPY × 15 мин × 5 мест", "1,200 JPY × 15 min × 5 seats"),
        ("day", "1500.00", "RUB", Fraction(1), 21, "1 500 ₽ × 1 день × 21 место", "1,500 ₽ × 1 day × 21 seats"),
        (
            "month",
            "1.250",
            "KWD",
            Fraction(12),
            12,
            "1,250 KWD × 12 месяцев × 12 мест",
            "1.250 KWD × 12 months × 12 seats",
        ),
        ("month", "9", "EUR", Fraction(2), 4, "9 € × 2 месяца × 4 места", "9 € × 2 months × 4 seats"),
    ],
)
def test_a_price_says_of_what_it_is_made(
    per: str, amount: str, currency: str, units: Fraction, seats: int, russian: str, english: str
) -> None:
    quote = Quote(Decimal(0), currency, per, Decimal(amount), units)
    said = {language: priced_in_words(quote, seats, language) for language in ("ru", "en")}
    assert {language: text.replace("\N{NO-BREAK SPACE}", " ") for language, text in said.items()} == {
        "ru": russian,
        "en": english,
    }
