"""What a hold is made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.booking.spaces.records import BookableResource


@dataclass(frozen=True)
class HoldRequest:
    """What a renter asks for; times in UTC."""

    resource_id: UUID
    start: datetime
    end: datetime
    seats: int

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal requests, however their times were written."""
        text = f"{self.resource_id} {self.start.isoformat()} {self.end.isoformat()} {self.seats}"
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Renter:
    """Who holds, and whether their e-mail address is verified."""

    id: UUID
    verified: bool


@dataclass(frozen=True)
class HoldableResource(BookableResource):
    """A resource with what else decides whether a renter may hold seats of it; more columns save statements.

    ``run_out`` says whether holds that have run out stand in the way of the time (its buffer included). Where they are
    counted, ``holds`` is how many bookings of the renter count in their budget, ``seat_seconds`` how much those of this
    space take.
    """

    run_out: bool
    holds: int = 0
    seat_seconds: int = 0
