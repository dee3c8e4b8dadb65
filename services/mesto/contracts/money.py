"""Money as it crosses every boundary: a decimal string with its currency, never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

AMOUNT = r"^\d{1,10}(\.\d{1,2})?$"


def _written(value: Any) -> Any:
    if isinstance(value, Decimal) or (isinstance(value, str) and re.fullmatch(AMOUNT, value, re.ASCII)):
        return value
    raise ValueError('Write the amount as a string with two places, as in "450.00".')


Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    BeforeValidator(_written),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": AMOUNT, "maxLength": 13, "examples": ["450.00"]}),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", min_length=3, max_length=3)]
Per = Literal["hour", "day", "month"]


class Money(BaseModel):
    """An amount in a currency, for example ``{"amount": "450.00", "currency": "RUB"}``."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency


class Price(Money):
    """What one unit of time of one seat costs."""

    per: Per
