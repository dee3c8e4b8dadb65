"""Settings of booking: what the service needs beyond the common ones."""

from __future__ import annotations

from datetime import timedelta

from mesto.common.settings import ServiceSettings

APPROVAL_TIME = timedelta(hours=24)
"""An owner has this long to answer; the renter's seats are kept meanwhile."""
KEY_LIFETIME = timedelta(hours=24)
"""An Idempotency-Key is remembered this long."""
INBOX_LIFETIME = timedelta(days=30)
LONGEST_HOLD = timedelta(minutes=120)
"""No policy lets a hold last longer."""
MAX_AVAILABILITY = timedelta(days=31)


class BookingSettings(ServiceSettings):
    """Read from ``MESTO_BOOKING_…``."""

    service: str = "booking"
