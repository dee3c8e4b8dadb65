"""Price buckets, and words for kinds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.catalog.search.rules import KINDS, bucket, bucket_label, bucket_value
from mesto.contracts.text import Language
from mestolocal.paths import REPO


@given(st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2))
def test_a_buckets_value_is_a_filter_that_finds_its_amounts(amount: Decimal) -> None:
    low, high = (Decimal(edge) for edge in bucket_value(bucket(amount), "RUB").split("-"))
    assert low <= amount <= high


def test_buckets_read_well() -> None:
    assert bucket_label(bucket(Decimal(250)), "RUB") == "200–500 ₽"
    assert bucket_value(bucket(Decimal(200)), "RUB") == "200.00-499.99"
    assert bucket_value(bucket(Decimal(200)), "JPY") == "200-499"
    assert bucket_value(bucket(Decimal("1.999")), "KWD") == "1.000-1.999"
    assert bucket_label(bucket(Decimal(1500)), "CHF") == "1\u202f000–2\u202f000 CHF"


@pytest.mark.parametrize("language", get_args(Language))
def test_the_app_calls_kinds_as_the_list_does(language: Language) -> None:
    """Pages of one space have no list to say the words: the app keeps its own for them."""
    text = (REPO / f"frontend/src/ui/locales/{language}.ts").read_text()
    [block] = re.findall(r"\n  kind: \{\n(.*?)\n  \},", text, re.DOTALL)
    said = dict(re.findall(r"(\w+): '(.+)',", block))
    assert said == {kind: words[language] for kind, words in KINDS.items()}
