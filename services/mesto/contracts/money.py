"""Money as it crosses every boundary: a decimal string with its currency, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str, when_used="json"),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Per = Literal["hour", "day", "month"]


class Money(BaseModel):
    """An amount in a currency, for example ``{"amount": "450.00", "currency": "RUB"}``."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency


class Price(Money):
    """What one unit of time of one seat costs."""

    per: Per
