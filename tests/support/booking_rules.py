"""Rules of a resource, for tests of what is made by them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mesto.booking.booking_rules.rules import BookingRules
from mesto.booking.opening_hours.rules import WEEKDAYS, Calendar, weekly
from mesto.booking.pricing.rules import Price

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # noon in Moscow


def booking_rules(**changes: object) -> BookingRules:
    """The rules of a resource: three seats, from 8 to 22 in Moscow by half hours."""
    values = {
        "calendar": Calendar(MOSCOW, weekly([(WEEKDAYS, "08:00", "22:00")]), {}),
        "seats": 3,
        "slot_minutes": 30,
        "unit_minutes": 30,
        "buffer_minutes": 0,
        "min_minutes": 60,
        "max_minutes": 240,
        "notice_minutes": 60,
        "advance_days": 7,
        "prices": (Price("hour", Decimal(100), "RUB"),),
        "open_for_booking": True,
    }
    return BookingRules(**{**values, **changes})  # type: ignore[arg-type]


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    """A time in Moscow, as UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)
