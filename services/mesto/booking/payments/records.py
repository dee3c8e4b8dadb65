"""Payments as the store returns and takes them, and what settling one comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mesto.booking.bookings.records import Booking


@dataclass(frozen=True)
class Payment:
    """A payment: open, succeeded, failed, refunded or partially_refunded."""

    id: UUID
    booking_id: UUID
    provider: str
    status: str
    amount: Decimal
    currency: str
    refunded: Decimal
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class Settled:
    """A payment after its outcome, and its booking. ``refunded_late``: the money came too late and went back.

    ``again``: it had been settled before.
    """

    booking: Booking
    payment_id: UUID
    payment_status: str
    refunded_late: bool
    again: bool = False
