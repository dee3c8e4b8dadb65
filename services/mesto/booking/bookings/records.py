"""Bookings as the stores return and take them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mesto.booking.pricing.rules import CancellationTerm
from mesto.booking.spaces.records import Approval, Translations
from mesto.booking.users.records import Owner


@dataclass(frozen=True)
class Booking:
    """A booking with what its answer needs of space and resource.

    ``busy_until`` includes the buffer after it. ``approval`` and ``cancellation`` are the terms that the renter
    accepted. ``due_at`` is when something must happen to it, ``released_at`` when its renter gave it up, or it ran out,
    unpaid. ``space_title`` and ``address`` are what it was made for, ``address_now`` is the space's present one.
    ``cause`` says why it is in its status.
    """

    id: UUID
    user_id: UUID
    space_id: UUID
    resource_id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    busy_until: datetime
    seats: int
    booked_title: Translations | None
    booked_address: str | None
    total: Decimal
    currency: str
    price_per: str
    approval: Approval
    cancellation: list[CancellationTerm]
    refund: Decimal | None
    expires_at: datetime | None
    released_at: datetime | None
    due_at: datetime | None
    revision: int
    created_at: datetime
    space_slug: str
    space_title: Translations
    address: str
    address_now: str
    time_zone: str
    owner_email: str | None
    owner_id: UUID | None
    owner_decided: bool
    resource_title: Translations
    resource_seats: int
    unit_minutes: int
    cause: str | None

    def is_of(self, owner: Owner) -> bool:
        """Return whether its space belongs to somebody."""
        return self.owner_id == owner.id if self.owner_decided else self.owner_email == owner.email


@dataclass(frozen=True)
class UpcomingBooking:
    """A booking that has not ended and occupies seats; ``booked_address`` is where its space was then."""

    id: UUID
    resource_id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    busy_until: datetime
    seats: int
    booked_address: str | None


@dataclass(frozen=True)
class HistoryEntry:
    """The audit's row of a status that a booking has reached. ``actor`` is user:<id> or system."""

    booking_id: UUID
    revision: int
    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    cause: str


@dataclass(frozen=True)
class StatusCount:
    """How many bookings are in a status, and since how many seconds the first of them is overdue."""

    status: str
    count: int
    overdue_seconds: float | None
