"""From when on counters of seats are kept right."""

from __future__ import annotations

from datetime import datetime, timedelta

from mesto.booking.time_units import rules as time_units

SKEW = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""


def counted_since(now: datetime) -> datetime:
    """Return from when on counters are right; earlier ones stay as they were (see ``bookings.release_seats``)."""
    return time_units.floor(now + SKEW, 60)
