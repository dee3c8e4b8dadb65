"""What the public asks of competitors' offers, and what it is answered."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.fields import Plain, Slug
from mesto.contracts.money import Price
from mesto.contracts.offers import Name, Terms
from mesto.contracts.places import Location
from mesto.contracts.spaces import ResourceKind
from pydantic import BaseModel, Field


class OfferFilters(BaseModel):
    """What the list can be narrowed by."""

    city: Slug | None = Field(default=None, description="A city's slug.")
    namespace: Name | None = Field(default=None, description="The namespace that a ScrapeTarget lies in.")
    target: Name | None = Field(
        default=None, description="The name of a ScrapeTarget; several namespaces may have one of that name."
    )
    cursor: Plain | None = Field(default=None, max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class CompetitorOffer(BaseModel):
    """An offer of a competitor as it was read. ``price`` is null when ``price_text`` does not say all of it."""

    namespace: str
    target: str
    name: str
    url: str | None
    kind: ResourceKind | None
    city: str | None
    price: Price | None
    price_text: str | None
    address: str | None
    location: Location | None
    amenities: list[str]
    terms: Terms
    seen_at: datetime


class CompetitorOffers(BaseModel):
    """A page of offers."""

    items: list[CompetitorOffer]
    next_cursor: str | None
