"""What the API says of a booking, and what bodies of requests have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from mesto.contracts.events import BookingState, BookingStatus, RefundTier
from mesto.contracts.money import Money, Per
from mesto.contracts.text import Language
from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """Base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class BookingView(BaseModel):
    """A booking; titles are in the language asked for, times carry the venue's offset.

    With ``approval`` by the ``owner`` a paid booking is a request. ``cancellation`` says what comes back until when.
    ``space_title`` and ``address`` are what it was made for; ``moved_to`` is the space's address now, if another.
    ``ended_by``: who cancelled or declined it, or that its hold or the time to answer was over; null while it lives.
    ``mine``: whoever asks is its renter, and not only the owner of its space.
    """

    id: UUID
    status: BookingStatus
    space_id: UUID
    space_slug: str
    space_title: str
    resource_id: UUID
    resource_title: str
    address: str
    moved_to: str | None
    time_zone: str
    start: datetime
    end: datetime
    seats: int
    total: Money
    price_per: Per
    expires_at: datetime | None
    refund: Money | None
    approval: Literal["instant", "owner"]
    cancellation: list[RefundTier]
    created_at: datetime
    revision: int
    ended_by: Literal["renter", "owner", "time"] | None = None
    mine: bool = True


def booking_view(state: BookingState, language: Language, *, mine: bool = True) -> BookingView:
    """Return a booking in a language, for its renter (``mine``) or for the owner of its space."""
    titles = {
        "space_title": state.space_title.localized(language),
        "resource_title": state.resource_title.localized(language),
    }
    return BookingView(**{**dict(state), **titles, "mine": mine})
