"""The public API of what competitors offer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.catalog.competitors.records import ShownOffer
from mesto.catalog.competitors.schemas import CompetitorOffer, CompetitorOffers, OfferFilters
from mesto.catalog.competitors.service import Offers
from mesto.common.http.api import Router
from mesto.contracts.money import Price
from mesto.contracts.offers import Terms
from mesto.contracts.places import Location

router = Router(tags=["competitors"])


async def _offers(request: Request) -> Offers:
    offers: Offers = request.app.state.catalog.offers
    return offers


@router.get("/competitor-offers")
async def list_competitor_offers(
    filters: Annotated[OfferFilters, Query()], offers: Annotated[Offers, Depends(_offers)]
) -> CompetitorOffers:
    """What the last good run of each target has found."""
    of = (filters.city, filters.namespace, filters.target)
    found, following = await offers.page(*of, filters.cursor or "", filters.limit)
    return CompetitorOffers(items=[_view(offer) for offer in found], next_cursor=following)


def _view(offer: ShownOffer) -> CompetitorOffer:
    return CompetitorOffer(
        namespace=offer.namespace,
        target=offer.target_name,
        name=offer.name,
        url=offer.url,
        kind=offer.kind,
        city=offer.city,
        price=_price(offer),
        price_text=offer.price_text,
        address=offer.address,
        location=_location(offer),
        amenities=offer.amenities,
        terms=Terms.model_validate(offer.terms),
        seen_at=offer.seen_at,
    )


def _price(offer: ShownOffer) -> Price | None:
    if offer.amount is None or offer.currency is None or offer.per is None:  # all or none, says a constraint
        return None
    return Price(amount=offer.amount, currency=offer.currency, per=offer.per)


def _location(offer: ShownOffer) -> Location | None:
    if offer.latitude is None or offer.longitude is None:
        return None
    return Location(latitude=offer.latitude, longitude=offer.longitude)
