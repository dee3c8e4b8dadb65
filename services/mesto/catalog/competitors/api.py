"""The public API of what competitors offer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from mesto.catalog.search.schemas import CompetitorOffer, CompetitorOffers
from mesto.catalog.competitors.service import Offers
from mesto.common.http.api import Router
from mesto.contracts.fields import Plain, Slug
from mesto.contracts.money import Price
from mesto.contracts.offers import Name, Terms
from mesto.contracts.places import Location
from pydantic import BaseModel, Field
from sqlalchemy import Row

router = Router(tags=["competitors"])


class OfferFilters(BaseModel):
    """What the list can be narrowed by."""

    city: Slug | None = Field(default=None, description="A city's slug.")
    namespace: Name | None = Field(default=None, description="The namespace that a ScrapeTarget lies in.")
    target: Name | None = Field(
        default=None, description="The name of a ScrapeTarget; several namespaces may have one of that name."
    )
    cursor: Plain | None = Field(default=None, max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


async def _offers(request: Request) -> Offers:
    offers: Offers = request.app.state.offers
    return offers


@router.get("/competitor-offers")
async def list_competitor_offers(
    filters: Annotated[OfferFilters, Query()], offers: Annotated[Offers, Depends(_offers)]
) -> CompetitorOffers:
    """What the last good run of each target has found."""
    of = (filters.city, filters.namespace, filters.target)
    rows, following = await offers.page(*of, filters.cursor or "", filters.limit)
    return CompetitorOffers(items=[_view(row) for row in rows], next_cursor=following)


def _view(row: Row[Any]) -> CompetitorOffer:
    return CompetitorOffer(
        namespace=row.namespace,
        target=row.target_name,
        name=row.name,
        url=row.url,
        kind=row.kind,
        city=row.city,
        price=None if row.amount is None else Price(amount=row.amount, currency=row.currency, per=row.per),
        price_text=row.price_text,
        address=row.address,
        location=None if row.latitude is None else Location(latitude=row.latitude, longitude=row.longitude),
        amenities=row.amenities,
        terms=Terms.model_validate(row.terms),
        seen_at=row.seen_at,
    )
