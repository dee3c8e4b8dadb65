"""The public API of quotes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.booking.holds.records import HoldRequest
from mesto.booking.quotes.schemas import NewQuote, QuoteView, quote_view
from mesto.booking.quotes.service import Quotes
from mesto.booking.transactions import in_utc
from mesto.common.errors import FieldError, Problem
from mesto.common.http.api import InLanguage, Router, problems

router = Router()


async def _quotes(request: Request) -> Quotes:
    quotes: Quotes = request.app.state.booking.quotes
    return quotes


Service = Annotated[Quotes, Depends(_quotes)]


@router.post("/quotes", tags=["availability"], responses=problems(404, 409))
async def quote(quotes: Service, language: InLanguage, body: NewQuote) -> QuoteView:
    """What a booking would cost, line by line, and its terms. Nothing is held, and no sign-in is needed."""
    if body.promo_code is not None:
        refusal = "There are no promotions yet: leave the code out."
        raise Problem(422, "unknown-promotion", refusal, errors=[FieldError(field="promo_code", message=refusal)])
    request = HoldRequest(body.resource_id, in_utc(body.start), in_utc(body.end), body.seats)
    return quote_view(await quotes.quote(request), language)
