"""Prices of whole files of texts: nothing wrong is read whatever the target's default, what is missed is counted."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import cldr
import pytest
from babel import Locale
from babel.numbers import format_currency
from mesto.contracts.money import Price, smallest
from mesto.spiders.prices import price_of
from mestolocal.paths import REPO

SHARED = Path(os.environ.get("MESTO_SHARED", REPO.parent / "shared")) / "data"
DATA = Path(__file__).parent / "data"
DEFAULTS = ("RUB", "USD", "EUR", None)
Said = tuple[Decimal, str, str] | None
Record = Callable[[str, object], None]
beside = pytest.mark.skipif(not SHARED.exists(), reason="the public data is not beside the checkout")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def judged(label: dict[str, Any] | None) -> Said:
    return (Decimal(label["amount"]), label["currency"], label["per"]) if label else None


def triple_of(price: Price | None) -> Said:
    return (price.amount, price.currency, price.per) if price else None


def check(texts: list[tuple[str, list[Said]]], default: str | None, record: Record, name: str) -> None:
    """Every price that is read is right; those that could be read and were not are told."""
    read = [(text, triple_of(price_of(text, default=default)), right) for text, right in texts]
    wrong = [(text, price) for text, price, right in read if price is not None and price not in right]
    missed = [text for text, price, right in read if price is None and None not in right]
    record(
        f"misses in {name} with default {default}", f"{len(missed)} of {sum(None not in right for _, right in texts)}"
    )
    assert wrong == []


def cases(path: Path) -> list[tuple[dict[str, Any], list[Said]]]:
    return [(label, [judged(label["right"]), *map(judged, label.get("also_right", []))]) for label in lines(path)]


@pytest.mark.parametrize(
    "path", [DATA / "price-samples.jsonl", pytest.param(SHARED / "price-cases.jsonl", marks=beside)]
)
def test_texts_in_many_languages_are_read_as_they_are_meant(path: Path, record_property: Record) -> None:
    texts = cases(path)
    for label, right in texts:
        assert triple_of(price_of(label["text"], default=label["default_currency"])) in right, label["text"]
    for default in DEFAULTS:
        check([(label["text"], right) for label, right in texts], default, record_property, path.name)


@beside
@pytest.mark.parametrize("default", DEFAULTS)
def test_real_texts_of_a_competitor_mean_what_a_person_read(default: str | None, record_property: Record) -> None:
    labels = {line["sha256"]: judged(line["right"]) for line in lines(DATA / "competitor-price-labels.jsonl")}
    texts = [line["price_text"] for line in lines(SHARED / "competitor-price-texts.jsonl")]
    assert len(texts) == 372
    known = [(text, [labels[hashlib.sha256(text.encode()).hexdigest()]]) for text in texts]
    check(known, default, record_property, "a competitor's texts")


MONTHLY = {
    "en": "per month",
    "ru": "в месяц",
    "de": "im Monat",
    "es": "al mes",
    "fr": "par mois",
    "pl": "na miesiąc",
    "tr": "/ ay",
    "it": "al mese",
    "pt": "por mês",
    "nl": "per maand",
}
UNSEEN = {"CVE": "its sign is a blank", **dict.fromkeys(("FKP", "GIP", "SHP", "SSP"), "they write £, as Britain does")}


def written(code: str, locale: Locale) -> list[tuple[str, list[Said]]]:
    """Amounts a month as CLDR writes them in a country of the currency."""
    texts = []
    for amount in ("450", "1250", "12500", "99.50", "1250000"):
        for pattern in ("¤#,##0.##", "#,##0.## ¤", "¤ #,##0.00"):
            text = format_currency(Decimal(amount), code, pattern, locale, currency_digits=False)
            right: Said = (Decimal(amount).quantize(smallest(code), ROUND_HALF_UP), code, "month")
            texts.append((f"{text} {MONTHLY[locale.language]}", [right]))
    return texts


@pytest.mark.parametrize("default", [None, "RUB"])
def test_no_amount_that_is_written_as_in_its_country_is_read_wrong(
    default: str | None, record_property: Record
) -> None:
    uses = [(code, locale) for code, locale in cldr.uses() if locale.language in MONTHLY and code not in UNSEEN]
    assert len({code for code, _ in uses}) > 80
    texts = [text for code, locale in uses for text in written(code, locale)]
    check(texts, default, record_property, "what CLDR writes")


@pytest.mark.parametrize(
    "text", ["1," * 1000, "€" * 2000, "1 000 " * 400, "a$" * 1000, "день " * 500 + "5 ₽", "-" * 2000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    price_of(text, default="RUB")
    assert time.process_time() - began < 1
