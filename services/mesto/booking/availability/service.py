"""What is free: a plain read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mesto.booking.domain import rules
from mesto.booking.service import core
from mesto.booking.service.terms import terms
from mesto.booking.settings import MAX_AVAILABILITY
from mesto.booking.store import slots, spaces
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found


@dataclass(frozen=True)
class Available:
    """Slots of a resource's grid; times in UTC, ``time_zone`` is the venue's, ``seats`` are those of the resource."""

    time_zone: str
    seats: int
    slots: list[rules.Slot]


class Availability:
    """Answers what can be booked."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = core.utc_now) -> None:
        self.database, self.clock = database, clock

    async def slots(self, resource_id: UUID, start: datetime, end: datetime, seats: int) -> Available:
        """Slots that begin in ``start <= slot < end`` (31 days at most). Raises Problem 404, 422."""
        if not timedelta() < end - start <= MAX_AVAILABILITY:
            wrong = FieldError(field="to", message=f"After `from`, by {MAX_AVAILABILITY.days} days at most.")
            raise Problem(422, "invalid-request", "Some fields are not right.", errors=[wrong])
        now = self.clock()
        async with self.database.read() as connection:
            row = await spaces.resource(connection, resource_id)
            if row is None or row.removed or not row.active:
                raise not_found("This resource")
            rule = terms(row)
            until = end + timedelta(minutes=rule.slot_minutes + rule.buffer_minutes)
            free = await slots.free_seats(
                connection, resource_id, rule.unit_minutes, start - timedelta(hours=1), until, now
            )
        return Available(row.time_zone, rule.seats, rules.availability(rule, start, end, seats, now, free))
