"""Prices of whole files of texts: nothing wrong is read whatever the target's default, what is missed is counted."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from mesto.contracts.money import Price
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


def judged(one: dict[str, Any] | None) -> Said:
    return (Decimal(one["amount"]), one["currency"], one["per"]) if one else None


def said(price: Price | None) -> Said:
    return (price.amount, price.currency, price.per) if price else None


def check(texts: list[tuple[str, list[Said]]], default: str | None, record: Record, name: str) -> None:
    """Every price that is read is right; those that could be read and were not are told."""
    read = [(text, said(price_of(text, default=default)), right) for text, right in texts]
    wrong = [(text, price) for text, price, right in read if price is not None and price not in right]
    missed = [text for text, price, right in read if price is None and None not in right]
    record(
        f"misses in {name} with default {default}", f"{len(missed)} of {sum(None not in right for _, right in texts)}"
    )
    assert wrong == []


def cases(path: Path) -> list[tuple[dict[str, Any], list[Said]]]:
    return [(one, [judged(one["right"]), *map(judged, one.get("also_right", []))]) for one in lines(path)]


@pytest.mark.parametrize(
    "path", [DATA / "price-samples.jsonl", pytest.param(SHARED / "price-cases.jsonl", marks=beside)]
)
def test_texts_in_many_languages_are_read_as_they_are_meant(path: Path, record_property: Record) -> None:
    texts = cases(path)
    for one, right in texts:
        assert said(price_of(one["text"], default=one["default_currency"])) in right, one["text"]
    for default in DEFAULTS:
        check([(one["text"], right) for one, right in texts], default, record_property, path.name)


@beside
@pytest.mark.parametrize("default", DEFAULTS)
def test_real_texts_of_a_competitor_mean_what_a_person_read(default: str | None, record_property: Record) -> None:
    labels = {one["sha256"]: judged(one["right"]) for one in lines(DATA / "competitor-price-labels.jsonl")}
    texts = [one["price_text"] for one in lines(SHARED / "competitor-price-texts.jsonl")]
    assert len(texts) == 372
    known = [(text, [labels[hashlib.sha256(text.encode()).hexdigest()]]) for text in texts]
    check(known, default, record_property, "a competitor's texts")
