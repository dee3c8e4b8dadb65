"""A space with everything about it, as the public is answered.

The generated client of the front end comes from these.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from mesto.catalog.search.schemas import SpaceCard, StopNear
from mesto.contracts.money import Price
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.spaces import CancellationTier, Contacts, ResourceKind
from pydantic import BaseModel, Field


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
