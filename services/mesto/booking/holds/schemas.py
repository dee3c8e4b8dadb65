"""What comes into the API of holds."""

from __future__ import annotations

from uuid import UUID

from mesto.booking.bookings.schemas import Request
from mesto.contracts.fields import Count, Instant
from pydantic import Field


class NewBooking(Request):
    """A time and a number of seats to hold."""

    resource_id: UUID
    start: Instant
    end: Instant
    seats: Count = Field(default=1, ge=1, le=10_000)
