"""Numbers of tables: each is read in the one way that it can be read, or not at all."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.cli.numbers import Mark, number


@pytest.mark.parametrize(
    ("text", "mark", "read"),
    [
        ("250", None, "250"),
        ("250,5", None, "250.5"),
        ("1250.50", None, "1250.5"),
        ("1250,505", None, "1250.505"),
        ("0,005", None, "0.005"),
        ("1,250.50", None, "1250.5"),
        ("1.250,50", None, "1250.5"),
        ("1,250,000", None, "1250000"),
        ("1.250.000,5", None, "1250000.5"),
        ("1\N{NO-BREAK SPACE}250,505", None, "1250.505"),
        ("12'345'678.9", None, "12345678.9"),
        ("-250,5", None, "-250.5"),
        (",5", None, "0.5"),
        ("1,250", "dot", "1250"),
        ("1,250", "comma", "1.25"),
        ("1.250,5", "comma", "1250.5"),
        ("250", "comma", "250"),
    ],
)
def test_numbers_are_read(text: str, mark: Mark | None, read: str) -> None:
    assert number(text, mark) == Decimal(read)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        *(("1,250", None), ("1.250", None), ("12,345", None), ("999.000", None)),
        *(("1,25", "dot"), ("1.250,5", "dot"), ("1,250.5", "comma"), ("12,34,56", None), ("0,250,000", None)),
        *(("1 25", None), ("1 2500", None), ("1 250 00", None), ("1 250'000", None), ("1 250,000.5", None)),
        *(("", None), ("-", None), ("abc", None), ("1e3", None), ("0x1F", None), ("1_000", None), ("١٢", None)),
        *(("5.", None), ("..5", None), ("1,,2", None), ("1.2.3,4", None), ("NaN", None), ("inf", None), ("--5", None)),
    ],
)
def test_what_may_be_two_numbers_or_none_is_refused(text: str, mark: Mark | None) -> None:
    with pytest.raises(ValueError, match=r'^"'):
        number(text, mark)


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["", ",", " ", "\N{NO-BREAK SPACE}", "’"]))
def test_what_is_written_with_a_decimal_dot_is_read_back(value: Decimal, group: str) -> None:
    assert number(f"{value:,.2f}".replace(",", group), "dot") == value


@given(st.text())
def test_no_text_is_read_as_what_is_no_number(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert number(text).is_finite()
