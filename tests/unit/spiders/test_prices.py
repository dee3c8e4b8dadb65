"""Prices as sites write them, in Russian and English: an amount, a currency and a unit of time, or no price."""

from __future__ import annotations

import json
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.spiders.prices import currency_of, money_in, price_of, unit_of

SHARED = Path(os.environ.get("MESTO_SHARED", Path(__file__).parents[4] / "shared")) / "data"
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
    ("1.200 € / month", "1200.00", "EUR", "month"),
    ("$25 a day", "25.00", "USD", "day"),
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
        "300 в час",
        "€ 25 /m²",
        "9\n9\n9",
        "99999999999 ₽/час",
        "20% скидка",
    ],
)
def test_what_has_no_amount_no_currency_or_no_unit_that_we_know_is_no_price(text: str) -> None:
    assert price_of(text) is None


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
    assert [currency_of("$5", default) for default in (None, "RUB", "CAD")] == ["USD", "USD", "CAD"]


@pytest.mark.parametrize(
    ("text", "unit"),
    [("HUR", "hour"), ("P1M", "month"), ("per day", "day"), ("месяц", "month"), ("руб/час", "hour"), ("week", None)],
)
def test_a_unit_of_its_own(text: str, unit: str | None) -> None:
    assert unit_of(text) == unit


def test_money_needs_its_currency() -> None:
    assert money_in("Залог 10 000 ₽ за место") is not None
    assert money_in("Залог 10 000") is None


@given(st.text(max_size=200))
def test_any_text_is_a_price_within_bounds_or_none(text: str) -> None:
    price = price_of(text, default="RUB")
    assert price is None or (0 <= price.amount < Decimal(10) ** 10 and len(price.currency) == 3)


@pytest.mark.skipif(not SHARED.exists(), reason="the public data is not beside the checkout")
def test_real_texts_of_a_competitor_are_read_when_they_name_a_price() -> None:
    lines = (SHARED / "competitor-price-texts.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["price_text"] for line in lines]
    assert len(texts) > 300
    for text in texts:
        price = price_of(text)
        written = re.search(r"€ ?([\d.,]+)\s*/month", text)
        assert (price is not None) == (written is not None), text
        if price is not None and written is not None:
            assert price.amount == Decimal(re.sub(r"[.,](?=\d{3})", "", written[1])), text
            assert (price.currency, price.per) == ("EUR", "month")
