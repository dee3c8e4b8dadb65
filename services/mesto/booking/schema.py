"""All tables of booking, for its migrations."""

from __future__ import annotations

from mesto.booking.bookings import tables as bookings
from mesto.booking.capacity import tables as capacity
from mesto.booking.idempotency import tables as idempotency
from mesto.booking.payments import tables as payments
from mesto.booking.spaces import tables as spaces
from mesto.booking.tables import METADATA
from mesto.booking.users import tables as users

__all__ = ["METADATA", "bookings", "capacity", "idempotency", "payments", "spaces", "users"]
