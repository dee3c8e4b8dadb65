"""Counters of seats that a recount contradicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Miscounted:
    """A unit of time of a resource whose counter is not right."""

    resource_id: UUID
    start: datetime
    used: int
    counted: int
    seats: int
    resource_seats: int

    @property
    def wrong(self) -> bool:
        """Whether the counter differs from the bookings."""
        return self.used != self.counted

    @property
    def oversold(self) -> bool:
        """Whether more seats are taken than there are, or than the resource has for new bookings.

        Where a resource was made smaller under accepted bookings, just the used seats remain.
        """
        return max(self.used, self.counted) > self.seats or self.seats != max(self.resource_seats, self.used)
