"""The counters of used seats, counted again from the bookings alone: for the audit and for mending.

Bookings and counters change in one transaction, so one statement sees them agree whatever goes on beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mesto.booking.domain import units
from mesto.booking.tables import is_seated
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SKEW = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""

# Each unit of time of these resources from :since on, with what its counter says (nothing: no row) and what is true.
_COUNTED = text(f"""
    WITH mine AS (SELECT id, unit_minutes, seats FROM booking.resources WHERE id = ANY(:resources)),
    kept AS (SELECT resource_id, start, used, seats FROM booking.slots
             WHERE resource_id = ANY(:resources) AND start >= :since),
    counted AS (
        SELECT bookings.resource_id, unit.start, sum(bookings.seats)::int AS used
        FROM mine JOIN booking.bookings ON bookings.resource_id = mine.id
        CROSS JOIN LATERAL generate_series(
            greatest(:since,
                     date_bin(make_interval(mins => mine.unit_minutes), bookings.starts_at, 'epoch'::timestamptz)),
            bookings.busy_until - interval '1 microsecond', make_interval(mins => mine.unit_minutes)) AS unit (start)
        WHERE {is_seated} AND bookings.busy_until > :since
        GROUP BY bookings.resource_id, unit.start
    )
    SELECT mine.id AS resource_id, start, kept.used, kept.seats, coalesce(counted.used, 0) AS counted,
           mine.seats AS resource_seats
    FROM kept FULL JOIN counted USING (resource_id, start) JOIN mine ON mine.id = resource_id
    WHERE coalesce(kept.used, 0) <> coalesce(counted.used, 0)
       OR kept.seats <> greatest(mine.seats, kept.used)
       OR greatest(kept.used, counted.used) > coalesce(kept.seats, mine.seats)
    ORDER BY resource_id, start
""")  # noqa: S608 - an expression of ours


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


def since(now: datetime) -> datetime:
    """From when on counters are kept right; earlier ones are left as they were (see ``core.free_seats``)."""
    return units.floor(now + SKEW, 60)


async def miscounted(connection: AsyncConnection, resources: Sequence[UUID], after: datetime) -> list[Miscounted]:
    """Counters of these resources, from ``after`` on, that a recount contradicts: none when all is well."""
    values = {"resources": list(resources), "since": after}
    return [
        Miscounted(
            row.resource_id,
            row.start,
            row.used or 0,
            row.counted,
            row.resource_seats if row.seats is None else row.seats,
            row.resource_seats,
        )
        for row in await connection.execute(_COUNTED, values)
    ]
