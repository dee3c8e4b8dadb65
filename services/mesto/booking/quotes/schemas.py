"""What goes in and out of the API of quotes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, cast
from uuid import UUID

from mesto.booking.holds.schemas import NewBooking
from mesto.booking.pricing.rules import priced_in_words
from mesto.booking.quotes.records import PricedRequest
from mesto.contracts.events import RefundTier
from mesto.contracts.fields import Plain
from mesto.contracts.money import Money, Per
from mesto.contracts.text import Language
from pydantic import BaseModel, Field


class NewQuote(NewBooking):
    """A time and a number of seats to be told the price of."""

    promo_code: Annotated[Plain, Field(max_length=64)] | None = None


class LineView(BaseModel):
    """What a part of the total is made of: ``unit_price`` of a seat ``per`` unit, times ``units``, times ``seats``."""

    text: str
    amount: Money
    unit_price: Money
    per: Per
    units: float
    seats: int


class QuoteView(BaseModel):
    """What a booking would cost now, and on which terms; whether seats are free is not asked."""

    resource_id: UUID
    start: datetime
    end: datetime
    seats: int
    total: Money
    price_per: Per
    lines: list[LineView]
    approval: Literal["instant", "owner"]
    hold_minutes: int
    cancellation: list[RefundTier]


def quote_view(priced: PricedRequest, language: Language) -> QuoteView:
    """Return a price in a language, in the venue's zone."""
    request, quote, zone = priced.request, priced.quote, priced.zone

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=quote.currency)

    line = LineView(
        text=priced_in_words(quote, request.seats, language),
        amount=money(quote.total),
        unit_price=money(quote.amount),
        per=cast(Per, quote.per),
        units=round(float(quote.units), 4),
        seats=request.seats,
    )
    return QuoteView(
        resource_id=request.resource_id,
        start=request.start.astimezone(zone),
        end=request.end.astimezone(zone),
        seats=request.seats,
        total=money(quote.total),
        price_per=cast(Per, quote.per),
        lines=[line],
        approval=priced.approval,
        hold_minutes=priced.hold_minutes,
        cancellation=priced.cancellation,
    )
