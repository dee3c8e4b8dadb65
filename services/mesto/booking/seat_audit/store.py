"""SQL of the counters of used seats, counted again from the bookings alone.

Bookings and counters change in one transaction, so one statement sees them agree whatever goes on beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mesto.booking.bookings.tables import IS_SEATED
from mesto.booking.seat_audit.records import Miscounted
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

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
        WHERE {IS_SEATED} AND bookings.busy_until > :since
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


async def list_miscounted(connection: AsyncConnection, resources: Sequence[UUID], since: datetime) -> list[Miscounted]:
    """Return the counters of these resources from ``since`` on that a recount contradicts: none when all is well."""
    values = {"resources": list(resources), "since": since}
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
