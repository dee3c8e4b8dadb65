"""Money as it crosses every boundary: a decimal string with its currency, never a float.

Currencies are those of ISO 4217 that people pay with, each with its own decimals: 450.00 RUB, 450 JPY, 1.250 KWD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Annotated, Literal, Self

import iso4217
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

AMOUNT = r"^\d{1,10}(\.\d{1,4})?$"
MOST = Decimal(1_000_000_000)
"""The highest price, in any currency: more is a slip of the pen."""
USUAL_DECIMALS = 2


def _decimals() -> dict[str, int]:
    """Return decimals by code. Metals and test codes have none, and funds are units of account: nobody pays in them."""
    found = {}
    for entry in iso4217.raw_xml.iter("CcyNtry"):
        name = entry.find("CcyNm")
        code, places = entry.findtext("Ccy", ""), entry.findtext("CcyMnrUnts", "")
        if name is not None and name.get("IsFund") is None and places.isdigit():
            found[code] = int(places)
    return dict(sorted(found.items()))


DECIMALS: Mapping[str, int] = _decimals()
"""Decimals of each currency of ISO 4217, by its code."""


def decimals(currency: str) -> int:
    """Return a currency's decimals; two of one that ISO 4217 does not know any more."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


@cache
def smallest(currency: str) -> Decimal:
    """Return the smallest amount of a currency, for example 0.01."""
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's smallest amount."""
    return amount.quantize(smallest(currency), ROUND_HALF_UP)


def counted(currency: str) -> str:
    """Return how many decimals amounts of a currency have, for a sentence."""
    places = decimals(currency)
    return "no decimals" if places == 0 else f"{places} decimals at most"


def _written(value: object) -> object:
    if isinstance(value, Decimal) or (isinstance(value, str) and re.fullmatch(AMOUNT, value, re.ASCII)):
        return value
    raise ValueError('Write the amount as a string, as in "450.00".')


def _known(value: str) -> str:
    if value not in DECIMALS:
        raise ValueError(f"{value} is not a currency of ISO 4217; write three letters such as RUB or USD.")
    return value


Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=14, decimal_places=4),
    BeforeValidator(_written),
    PlainSerializer(lambda value: f"{value:f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": AMOUNT, "maxLength": 15, "examples": ["450.00"]}),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", min_length=3, max_length=3)]
"""As stored: money of long ago may be in a currency that is no more."""
KnownCurrency = Annotated[Currency, AfterValidator(_known)]
"""As asked for: a currency of ISO 4217."""
Per = Literal["hour", "day", "month"]


SYMBOLS: dict[str, str] = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£"}
"""Symbols that readers of both languages take for this currency alone; other currencies are written as their code."""


class Money(BaseModel):
    """An amount with the decimals of its currency, for example ``{"amount": "450.00", "currency": "RUB"}``."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency

    @model_validator(mode="after")
    def _in_decimals_of_its_currency(self) -> Self:
        exact = self.amount.quantize(smallest(self.currency))
        if exact != self.amount:
            raise ValueError(f"Amounts in {self.currency} have {counted(self.currency)}.")
        self.amount = exact
        return self


class Price(Money):
    """What one unit of time of one seat costs."""

    per: Per
