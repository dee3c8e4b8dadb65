"""Counters of used seats. Rows are locked in order of time always, so two bookings never wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from mesto.booking.domain import units
from mesto.booking.tables import bookings, is_held, slots
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
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

_FREE = text("""
    WITH mine AS (
        SELECT start FROM booking.slots
        WHERE resource_id = :resource_id AND start >= :since AND start < :until ORDER BY start FOR UPDATE
    )
    UPDATE booking.slots SET used = slots.used - :count, seats = greatest(:seats, slots.used - :count)
    FROM mine WHERE slots.resource_id = :resource_id AND slots.start = mine.start
""")


def is_full(error: IntegrityError) -> bool:
    """True when the guard of capacity refused."""
    return GUARD in str(error.orig)


async def take(connection: AsyncConnection, resource_id: UUID, starts: list[datetime], count: int, seats: int) -> None:
    """Take ``count`` seats in each unit. Raises IntegrityError (see ``is_full``) when one unit has too few."""
    await connection.execute(TAKE, {"resource_id": resource_id, "starts": starts, "count": count, "seats": seats})


async def most_used(connection: AsyncConnection, resource_id: UUID, starts: list[datetime]) -> int:
    """The most seats used in one of these units."""
    mine = slots.c.resource_id == resource_id, slots.c.start >= starts[0], slots.c.start <= starts[-1]
    return (await connection.execute(select(func.max(slots.c.used)).where(*mine))).scalar() or 0


async def lock(connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime) -> None:
    """Lock the rows of a time in order, for a transaction that changes them in more than one statement."""
    statement = select(slots.c.start).where(
        slots.c.resource_id == resource_id, slots.c.start >= since, slots.c.start < until
    )
    await connection.execute(statement.order_by(slots.c.start).with_for_update())


async def free(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, count: int, seats: int
) -> None:
    """Give ``count`` seats back in the units from ``since`` to ``until``.

    Where more seats are still used than the resource has now (it was made smaller), only the used ones remain.
    """
    await connection.execute(
        _FREE, {"resource_id": resource_id, "since": since, "until": until, "count": count, "seats": seats}
    )


async def resize(connection: AsyncConnection, resource_id: UUID, seats: int, since: datetime) -> None:
    """Another number of seats from ``since`` on; accepted bookings are honoured."""
    statement = update(slots).where(slots.c.resource_id == resource_id, slots.c.start >= since)
    await connection.execute(statement.values(seats=func.greatest(seats, slots.c.used)))


async def rebuild(
    connection: AsyncConnection, resource_id: UUID, used: Mapping[datetime, int], seats: int, since: datetime
) -> None:
    """Replace all rows from ``since`` on. The caller holds the resource's row exclusively."""
    await connection.execute(delete(slots).where(slots.c.resource_id == resource_id, slots.c.start >= since))
    rows = [
        {"resource_id": resource_id, "start": start, "used": count, "seats": max(seats, count)}
        for start, count in sorted(used.items())
    ]
    if rows:
        await connection.execute(insert(slots), rows)


async def free_seats(
    connection: AsyncConnection,
    resource_id: UUID,
    unit_minutes: int,
    since: datetime,
    until: datetime,
    now: datetime,
) -> dict[datetime, int]:
    """Seats free by unit where somebody sits; a hold that has run out is free although not yet swept."""
    statement = select(slots.c.start, (slots.c.seats - slots.c.used).label("free")).where(
        slots.c.resource_id == resource_id, slots.c.start >= since, slots.c.start < until
    )
    free = {row.start: row.free for row in await connection.execute(statement)}
    overdue = select(bookings.c.starts_at, bookings.c.busy_until, bookings.c.seats).where(
        bookings.c.resource_id == resource_id,
        is_held,
        bookings.c.expires_at <= now,
        bookings.c.busy_until > since,
        bookings.c.starts_at < until,
    )
    for row in await connection.execute(overdue):
        for unit in units.units(row.starts_at, row.busy_until, unit_minutes):
            if unit in free:
                free[unit] += row.seats
    return free


def count_used(
    spans: Iterable[tuple[datetime, datetime, int]], unit_minutes: int, since: datetime
) -> dict[datetime, int]:
    """Seats used by unit from ``since`` on, of ``(start, busy_until, seats)``."""
    used: dict[datetime, int] = {}
    for start, until, count in spans:
        for unit in units.units(max(start, since), until, unit_minutes):
            used[unit] = used.get(unit, 0) + count
    return used
