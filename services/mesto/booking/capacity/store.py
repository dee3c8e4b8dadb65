"""SQL of the counters of used seats. Rows are always locked in order of time: no two bookings wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from mesto.booking.capacity.tables import SLOTS
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.functions import func
from sqlalchemy.types import DateTime

GUARD = "ck_slots_capacity"
_starts = bindparam("starts", type_=ARRAY(DateTime(timezone=True)))

TAKE = text("""
    INSERT INTO booking.slots AS slots (resource_id, start, used, seats)
    SELECT :resource_id, wanted.start, :count, :seats FROM unnest(:starts) AS wanted (start) ORDER BY wanted.start
    ON CONFLICT (resource_id, start) DO UPDATE SET used = slots.used + excluded.used
""").bindparams(_starts)

_RELEASE = text("""
    WITH mine AS (
        SELECT start FROM booking.slots
        WHERE resource_id = :resource_id AND start >= :since AND start < :until ORDER BY start FOR UPDATE
    )
    UPDATE booking.slots SET used = slots.used - :count, seats = greatest(:seats, slots.used - :count)
    FROM mine WHERE slots.resource_id = :resource_id AND slots.start = mine.start
""")


async def occupy(
    connection: AsyncConnection, resource_id: UUID, starts: list[datetime], count: int, seats: int
) -> None:
    """Occupy ``count`` seats in each unit. Raises IntegrityError of ``GUARD`` when one unit has too few."""
    await connection.execute(TAKE, {"resource_id": resource_id, "starts": starts, "count": count, "seats": seats})


async def most_used(connection: AsyncConnection, resource_id: UUID, starts: list[datetime]) -> int:
    """Return the most seats used in one of these units."""
    mine = SLOTS.c.resource_id == resource_id, SLOTS.c.start >= starts[0], SLOTS.c.start <= starts[-1]
    return (await connection.execute(select(func.max(SLOTS.c.used)).where(*mine))).scalar() or 0


async def lock(connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime) -> None:
    """Lock the rows of a time in order, for a transaction that changes them in more than one statement."""
    statement = select(SLOTS.c.start).where(
        SLOTS.c.resource_id == resource_id, SLOTS.c.start >= since, SLOTS.c.start < until
    )
    await connection.execute(statement.order_by(SLOTS.c.start).with_for_update())


async def release(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, count: int, seats: int
) -> None:
    """Give ``count`` seats back in the units from ``since`` to ``until``.

    Where more seats are still used than the resource has now (it was made smaller), only the used ones remain.
    """
    await connection.execute(
        _RELEASE, {"resource_id": resource_id, "since": since, "until": until, "count": count, "seats": seats}
    )


async def resize(connection: AsyncConnection, resource_id: UUID, seats: int, since: datetime) -> None:
    """Set another number of seats from ``since`` on; accepted bookings are honoured."""
    statement = update(SLOTS).where(SLOTS.c.resource_id == resource_id, SLOTS.c.start >= since)
    await connection.execute(statement.values(seats=func.greatest(seats, SLOTS.c.used)))


async def rebuild(
    connection: AsyncConnection, resource_id: UUID, used: Mapping[datetime, int], seats: int, since: datetime
) -> None:
    """Replace all rows from ``since`` on. The caller holds the resource's row exclusively."""
    await connection.execute(delete(SLOTS).where(SLOTS.c.resource_id == resource_id, SLOTS.c.start >= since))
    rows = [
        {"resource_id": resource_id, "start": start, "used": count, "seats": max(seats, count)}
        for start, count in sorted(used.items())
    ]
    if rows:
        await connection.execute(insert(SLOTS), rows)


async def list_free(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime
) -> dict[datetime, int]:
    """Return the seats free by unit, where there is a counter."""
    statement = select(SLOTS.c.start, (SLOTS.c.seats - SLOTS.c.used).label("free")).where(
        SLOTS.c.resource_id == resource_id, SLOTS.c.start >= since, SLOTS.c.start < until
    )
    return {row.start: row.free for row in await connection.execute(statement)}
