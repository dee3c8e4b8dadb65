"""Amounts as the contracts have them: the currencies of ISO 4217, each with its decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from mesto.contracts.money import DECIMALS, Money
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [("450", "RUB", "450.00"), ("450.5", "RUB", "450.50"), ("450", "JPY", "450"), ("1.25", "KWD", "1.250")],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(amount: str, currency: str, written: str) -> None:
    assert Money(amount=amount, currency=currency).model_dump(mode="json")["amount"] == written  # type: ignore[arg-type]
    assert Money(amount=Decimal(amount), currency=currency).model_dump(mode="json")["amount"] == written


@pytest.mark.parametrize(("amount", "currency"), [("100.50", "JPY"), ("1.2501", "KWD"), ("1.005", "RUB")])
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValidationError, match=f"Amounts in {currency} have"):
        Money(amount=amount, currency=currency)  # type: ignore[arg-type]


def test_currencies_are_those_that_people_pay_with() -> None:
    assert {"RUB", "USD", "EUR", "JPY", "KWD", "AED"} <= DECIMALS.keys()
    assert not {"ZZZ", "XXX", "XTS", "XAU", "CLF", "SUR", "DEM"} & DECIMALS.keys()
    assert set(DECIMALS.values()) <= {0, 2, 3, 4}
