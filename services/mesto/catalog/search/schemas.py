"""Answers of the public API; the generated client of the front end comes from these."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from mesto.contracts.money import Currency, Per, Price
from mesto.contracts.offers import Terms
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Location
from mesto.contracts.spaces import CancellationTier, Contacts, ResourceKind
from pydantic import BaseModel, Field

Amount = Field(description="A decimal string with two places.", examples=["450.00"])


class Place(BaseModel):
    """A city or a district."""

    slug: str
    name: str


class PriceFrom(BaseModel):
    """The lowest price of a space."""

    amount: str = Amount
    currency: Currency
    per: Per


class Rating(BaseModel):
    """Of the published reviews; null without any."""

    average: float | None
    count: int


class StopNear(BaseModel):
    """A public transport stop; ``metres`` is the straight line.

    Name and line are as the city's data has them; ``latin_name`` and ``latin_line`` are for who reads no Cyrillic.
    """

    name: str
    line: str | None
    latin_name: str
    latin_line: str | None
    color: str | None
    metres: int


class SpaceCard(BaseModel):
    """A space in a list."""

    id: UUID
    slug: str
    title: str
    city: Place
    district: Place | None
    address: str
    location: Location
    amenities: list[str]
    rating: Rating
    price_from: PriceFrom | None
    distance_m: int | None = Field(description="Metres from `near`, straight line; null without `near`.")
    nearest_transit: StopNear | None
    photo_url: str | None


class PhotoView(BaseModel):
    url: str
    caption: str | None


class BookingView(BaseModel):
    """How bookings are accepted, held and cancelled; an empty ``cancellation`` means nothing is paid back."""

    approval: Literal["instant", "owner"]
    hold_minutes: int
    cancellation: list[CancellationTier]


class BookableView(BaseModel):
    """Whether a renter can book now, and if not why."""

    status: bool
    reason: str


class ResourceView(BaseModel):
    """Something that can be booked by the seat."""

    id: UUID
    name: str
    kind: ResourceKind
    title: str
    seats: int
    capacity: int | None = Field(description="People who fit.")
    prices: list[Price]
    slot_minutes: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    buffer_minutes: int
    min_notice_minutes: int
    max_advance_days: int


class SpaceProfile(SpaceCard):
    """A space with everything about it."""

    description: str | None
    time_zone: str
    opening_hours: list[Hours]
    exceptions: list[HoursException]
    resources: list[ResourceView]
    transit: list[StopNear]
    photos: list[PhotoView]
    contacts: Contacts | None
    booking: BookingView
    bookable: BookableView


class FacetValue(BaseModel):
    """How many spaces there would be with this value and all other filters."""

    value: str
    label: str
    count: int


class SpaceFacets(BaseModel):
    """A ``price`` value is ``<price_min>-<price_max>`` within ``per`` and ``currency``."""

    city: list[FacetValue]
    district: list[FacetValue]
    amenities: list[FacetValue]
    kind: list[FacetValue]
    price: list[FacetValue]
    rating: list[FacetValue]


class SpaceList(BaseModel):
    """A page of spaces. ``per`` and ``currency`` are those that prices were compared in."""

    items: list[SpaceCard]
    next_cursor: str | None
    total: int
    facets: SpaceFacets
    per: Per
    currency: Currency


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
