"""Prices as sites write them, in Russian and English: an amount, a currency and a unit of time, or no price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mesto.spiders.currencies import TABLES, meant
from mesto.spiders.prices import currency_of, machine_price, money_in, price_of, unit_of

WRITTEN = [
    ("450 ₽/час", "450.00", "RUB", "hour"),
    ("450р/час", "450.00", "RUB", "hour"),
    ("от 300 до 500 руб. в час", "300.00", "RUB", "hour"),
    ("300–500 ₽/ч", "300.00", "RUB", "hour"),
    ("за час 300 ₽", "300.00", "RUB", "hour"),
    ("1 500 ₽/сутки", "1500.00", "RUB", "day"),
    ("1\xa0500 руб. в день", "1500.00", "RUB", "day"),
    ("25 000 ₽ в месяц", "25000.00", "RUB", "month"),
    ("25 000 руб месяц", "25000.00", "RUB", "month"),
    ("от 15 000 р./мес.", "15000.00", "RUB", "month"),
    ("10 тыс. ₽/мес.", "10000.00", "RUB", "month"),
    ("Ежемесячно 12 000 рублей", "12000.00", "RUB", "month"),
    ("Фиксированное место — 18000 рублей за 1 месяц", "18000.00", "RUB", "month"),
    ("Почасово: 350 руб", "350.00", "RUB", "hour"),
    ("Private Office\n from € 490\n/month", "490.00", "EUR", "month"),
    ("€1,200.50 per month", "1200.50", "EUR", "month"),
    ("1.200 € / mes", "1200.00", "EUR", "month"),
    ("€3.350/hour", "3.35", "EUR", "hour"),
    ("1.250 ₽/месяц", "1250.00", "RUB", "month"),
    ("12.500 ₺ / ay", "12500.00", "TRY", "month"),
    ("MXN 1,500 al mes", "1500.00", "MXN", "month"),
    ("£1,250 pcm", "1250.00", "GBP", "month"),
    ("₹1,25,000 per month", "125000.00", "INR", "month"),
    ("0.500 €/hour", "0.50", "EUR", "hour"),
    ("KWD 1.250 per day", "1.250", "KWD", "day"),
    ("₩10,000/day", "10000", "KRW", "day"),
    ("1’200 CHF/Monat", "1200.00", "CHF", "month"),
    ("CHF 1’200.– pro Monat", "1200.00", "CHF", "month"),
    ("450⁰⁰ ₽/час", "450.00", "RUB", "hour"),
    ("A$55/day", "55.00", "AUD", "day"),
    ("HK$ 200 per day", "200.00", "HKD", "day"),
    ("R$ 55/dia", "55.00", "BRL", "day"),
    ("฿350/day", "350.00", "THB", "day"),
    ("Rp 500,000/day", "500000.00", "IDR", "day"),
    ("50 000 сум/час", "50000.00", "UZS", "hour"),
    ("20 бел. руб./час", "20.00", "BYN", "hour"),
    ("500 $ CAD / month", "500.00", "CAD", "month"),
    ("Room 5 €20/h", "20.00", "EUR", "hour"),
    ("Deposit €300, €150/month", "150.00", "EUR", "month"),
    ("€350 +21% IVA / mes", "350.00", "EUR", "month"),
    ("День 900 ₽ Месяц 15000 ₽", "900.00", "RUB", "day"),
    ("Day pass €25 / month €300", "25.00", "EUR", "day"),
    ("300 ₽ в час 1500 ₽ в день", "300.00", "RUB", "hour"),
    ("£18 / hour £120 / day", "18.00", "GBP", "hour"),
    ("450 ₽/час с 9:00 до 18:00", "450.00", "RUB", "hour"),
    ("<s>$40/day</s> <b>US$25/day</b>", "25.00", "USD", "day"),
    ("450<sup>00</sup> ₽/час", "450.00", "RUB", "hour"),
    ("День\n900 ₽\nМесяц\n15 000 ₽", "900.00", "RUB", "day"),
    ("US$ 12.5/hr", "12.50", "USD", "hour"),
    ("£99 pcm", "99.00", "GBP", "month"),
    ("Hot desk for 2 people from €490/month", "490.00", "EUR", "month"),
    ("20 EUR daily, 300 EUR monthly", "20.00", "EUR", "day"),
    ("300 ₽/час, 1500 ₽/день", "300.00", "RUB", "hour"),
]


@pytest.mark.parametrize(("text", "amount", "currency", "per"), WRITTEN)
def test_a_price_is_read_as_it_is_written(text: str, amount: str, currency: str, per: str) -> None:
    price = price_of(text)
    assert price is not None
    assert (price.amount, price.currency, price.per) == (Decimal(amount), currency, per)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Price on request",
        "Цена по запросу",
        "490 €",
        "5000 ₽/нед",
        "9000 ₽ за 3 месяца",
        "12 000 € per year",
        "€ 25 /m²",
        "9\n9\n9",
        "99999999999 ₽/час",
        "20% скидка",
        "-500 ₽/час",
        "−500 ₽/час",
        "-$500/day",
        "$-500/day",
        "450 00 ₽/час",
        "1.250.00 €/month",
        "12.10.2026 450 ₽/час",
        "№5 450 ₽/час",
        "1.250 €",
        "€1.250/h",
        "€1.250 / month al mes",
        "Rp 500.000/day",
        "X$55/day",
        "₿55/day",
        "55 BTC/day",
        "$25 €30/day",
        "300 ₽\nдень\n1500 ₽\nмесяц",
        "Evening €20 day €30",
        "Evening €20 / day €30 / month €300",
        "Evening\n€20\nDaily\n€100",
        "вечером 300 ₽ за день 1500 ₽",
        "Half day: €25 / Full day: €40",
        "19 900 ₽ 25 000 ₽ /мес",
        "€40/day €25/day",
        "5000 ₽ за 4 места в месяц",
        "€10 off per month",
        "минимум 2 часа: 800 ₽",
        "24 hour access €250",
    ],
)
@pytest.mark.parametrize("default", [None, "RUB", "USD", "EUR"])
def test_what_has_no_amount_no_currency_or_no_unit_that_we_know_is_no_price(text: str, default: str | None) -> None:
    assert price_of(text, default=default) is None


@pytest.mark.parametrize("default", [None, "RUB", "EUR"])
@pytest.mark.parametrize(
    "text",
    [
        *("$25/day", "¥3000/day", "250 kr/day", "30 Br/час", "500 foo/час", "500 канадских долларов/мес", "C$9/day"),
        *("Kz99,5 por mês", "S/ 450 al mes", "P 450 per month", "450 DA / mois", "Le 450/jour", "XYZ 450/day"),
    ],
)
def test_the_default_currency_never_takes_the_place_of_one_that_the_text_names(text: str, default: str | None) -> None:
    assert price_of(text, default=default) is None


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("$25/day", "MXN"),
        ("¥25/day", "CNY"),
        ("¥25/day", "JPY"),
        ("25 kr/day", "SEK"),
        ("25 Br/час", "BYN"),
        ("25 руб/час", "BYN"),
        ("25/day", "EUR"),
        ("R 25/day", "ZAR"),
        ("25 pesos al día", "COP"),
        ("TRY 25/day", "TRY"),
    ],
)
def test_a_symbol_of_several_currencies_is_that_of_the_default_when_it_is_one_of_them(text: str, default: str) -> None:
    price = price_of(text, default=default)
    assert price is not None
    assert (price.amount, price.currency) == (25, default)


def test_a_word_that_tells_another_currency_of_that_name_is_no_default() -> None:
    texts = ["500 pesos mexicanos al mes", "500 dollars canadiens par mois", "Canadian $500/month", "AU $500/month"]
    assert [price_of(text, default=code) for text in texts for code in ("COP", "USD")] == [None] * 8


def test_every_code_and_symbol_of_cldr_is_known() -> None:
    assert all(meant(code, code) == {code} for code in TABLES["usual"])
    for symbol, codes in TABLES["symbols"].items():
        assert all(set(codes) <= meant(symbol, code) for code in codes), symbol


@pytest.mark.parametrize(
    ("text", "page", "language", "amount"),
    [
        ("€1.250/h", "es", None, "1250.00"),
        ("€1.250/h", "en", None, "1.25"),
        ("€1.250/h", "es-MX", None, "1.25"),
        ("€1.250/h", "de-CH", None, "1.25"),
        ("€1.250/h", "", "ru", "1250.00"),
        ("€1.250/h", "en", "ru", "1.25"),
        ("€1.250/h", "xx", None, None),
        ("€1.250 / Monat", "en", "en", "1250.00"),
        ("€1.250 / month", "es", None, None),  # the words' decimal is not what the page would write
        ("€1,250 / month", "es", None, "1250.00"),
    ],
)
def test_a_lone_mark_is_read_by_the_words_else_by_the_page_else_by_the_targets_language(
    text: str, page: str, language: str | None, amount: str | None
) -> None:
    price = price_of(text, page=page, language=language)
    assert (price and price.amount) == (Decimal(amount) if amount else None)


def test_a_number_that_a_program_wrote_has_a_dot() -> None:
    price = machine_price("1.250", currency="EUR", per="MON")
    assert price is not None
    assert (price.amount, price.currency, price.per) == (Decimal("1.25"), "EUR", "month")
    assert [machine_price(text, currency="EUR", per="MON") for text in ("1,250", "-5", "1.2.3", "", "٣")] == [None] * 5


def test_what_the_site_says_of_a_price_in_other_places_must_not_contradict_it() -> None:
    assert price_of("490 €/month", per="day") is None
    assert price_of("490 € за 3 месяца", per="month") is None
    assert price_of("490", currency="points", per="month", default="EUR") is None
    assert price_of("$490", currency="CAD", per="month", default="USD") == price_of("490 CAD/month")


def test_an_amount_without_a_currency_needs_a_default() -> None:
    assert price_of("300 в час") is None
    assert price_of("300 в час", default="RUB") == price_of("300 ₽ в час")


def test_what_the_site_says_in_other_places_completes_a_price() -> None:
    price = price_of("490", currency="EUR", per="MON")
    assert price is not None
    assert (price.amount, price.currency, price.per) == (Decimal("490.00"), "EUR", "month")
    assert price_of("от 450", per="/час", default="RUB") == price_of("450 ₽/час")
    assert price_of("490 €/month", per="week") is None


def test_a_currency_in_the_text_counts_more_than_one_beside_it_and_that_more_than_the_default() -> None:
    assert price_of("5 €/hour", currency="USD", default="RUB") == price_of("5 €/hour")
    assert price_of("5 per hour", currency="USD", default="RUB") == price_of("5 USD per hour")


def test_a_bare_dollar_is_that_of_the_targets_country() -> None:
    assert [currency_of("$", default) for default in (None, "RUB", "USD", "CAD")] == [None, None, "USD", "CAD"]
    assert [currency_of(text, "RUB") for text in ("US$", "USD", "US Dollars", "A$", "руб.")] == [
        *("USD", "USD", "USD", "AUD", "RUB"),
    ]


@pytest.mark.parametrize(
    ("text", "unit"),
    [("HUR", "hour"), ("P1M", "month"), ("per day", "day"), ("месяц", "month"), ("руб/час", "hour"), ("week", None)],
)
def test_a_unit_of_its_own(text: str, unit: str | None) -> None:
    assert unit_of(text) == unit


def test_money_needs_its_currency() -> None:
    assert money_in("Залог 10 000 ₽ за место") is not None
    assert money_in("Залог 10 000") is None


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x0c", "\ud800", "\uffff", "&#1;", "&#0;", "&#xD800;"])
def test_characters_that_no_tree_takes_end_nothing(odd: str) -> None:
    price = price_of(f"{odd}<b>450</b> ₽ / час{odd}", default=None)
    assert price is not None
    assert (price.amount, price.currency) == (450, "RUB")


@given(st.text(max_size=200))
@example("\x01</")
def test_any_text_is_a_price_within_bounds_or_none(text: str) -> None:
    price = price_of(text, default="RUB")
    assert price is None or (0 <= price.amount < Decimal(10) ** 10 and len(price.currency) == 3)
