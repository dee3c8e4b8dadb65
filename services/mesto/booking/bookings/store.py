"""SQL of bookings and their history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mesto.booking.bookings.records import Booking, HistoryEntry, StatusCount, UpcomingBooking
from mesto.booking.bookings.tables import BOOKING_HISTORY, BOOKINGS, IS_HELD, IS_SEATED
from mesto.booking.capacity.rules import OccupiedSeats
from mesto.booking.spaces.tables import RESOURCES, SPACES
from mesto.booking.users.records import Owner
from sqlalchemy import ColumnElement, and_, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

_b, _s, _r, _h = BOOKINGS.c, SPACES.c, RESOURCES.c, BOOKING_HISTORY.c
_CAUSE = select(_h.cause).where(_h.booking_id == _b.id, _h.revision == _b.revision).scalar_subquery()
"""Why a booking is in its present status."""
_FULL = (
    select(
        BOOKINGS,
        _s.slug.label("space_slug"),
        func.coalesce(_b.booked_title, _s.title).label("space_title"),
        func.coalesce(_b.booked_address, _s.address).label("address"),
        _s.address.label("address_now"),
        _s.time_zone.label("time_zone"),
        _s.owner_email.label("owner_email"),
        _s.owner_id.label("owner_id"),
        _s.owner_decided.label("owner_decided"),
        _r.title.label("resource_title"),
        _r.seats.label("resource_seats"),
        _r.unit_minutes.label("unit_minutes"),
        _CAUSE.label("cause"),
    )
    .join_from(BOOKINGS, SPACES, _s.id == _b.space_id)
    .join(RESOURCES, _r.id == _b.resource_id)
)


async def find(connection: AsyncConnection, booking_id: UUID) -> Booking | None:
    """Return a booking."""
    row = (await connection.execute(_FULL.where(_b.id == booking_id))).mappings().first()
    return None if row is None else Booking(**row)


async def lock(connection: AsyncConnection, booking_id: UUID, *, skip_locked: bool = False) -> Booking | None:
    """Return a booking, locked until the end of the transaction.

    The resource is locked first, shared, as bookings do: nobody rebuilds its counters meanwhile and all locks come in
    one order. None when there is no such booking, or it is locked and ``skip_locked``.
    """
    resource = select(_b.resource_id).where(_b.id == booking_id).scalar_subquery()
    await connection.execute(select(_r.id).where(_r.id == resource).with_for_update(read=True))
    statement = _FULL.where(_b.id == booking_id).with_for_update(of=BOOKINGS, skip_locked=skip_locked)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Booking(**row)


async def lock_overdue_holds(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> list[Booking]:
    """Return holds of a resource that have run out and overlap a time, locked in order of their ids."""
    statement = _FULL.where(
        _b.resource_id == resource_id,
        IS_HELD,
        _b.expires_at <= now,
        _b.busy_until > since,
        _b.starts_at < until,
    )
    rows = await connection.execute(statement.order_by(_b.id).with_for_update(of=BOOKINGS))
    return [Booking(**row) for row in rows.mappings()]


async def list_overdue_seats(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> list[OccupiedSeats]:
    """Return the seats of holds that have run out, overlap a time and are not swept yet."""
    statement = select(_b.starts_at, _b.busy_until, _b.seats).where(
        _b.resource_id == resource_id,
        IS_HELD,
        _b.expires_at <= now,
        _b.busy_until > since,
        _b.starts_at < until,
    )
    return [OccupiedSeats(**row) for row in (await connection.execute(statement)).mappings()]


async def update_status(connection: AsyncConnection, booking: Booking) -> None:
    """Store the status that a locked booking has reached, and what changes with it."""
    names = ("status", "revision", "expires_at", "refund", "released_at", "due_at")
    values = {name: getattr(booking, name) for name in names}
    await connection.execute(update(BOOKINGS).where(_b.id == booking.id).values(values))


async def insert_history(connection: AsyncConnection, entries: Sequence[HistoryEntry]) -> None:
    """Insert rows of the audit."""
    await connection.execute(insert(BOOKING_HISTORY), [vars(entry) for entry in entries])


async def list_due(connection: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of bookings that something must happen to, the longest due first."""
    statement = select(_b.id).where(_b.due_at <= now).order_by(_b.due_at).limit(limit)
    return list((await connection.execute(statement)).scalars())


async def list_overdue(
    connection: AsyncConnection, before: datetime, ids: Sequence[UUID] | None = None
) -> list[tuple[UUID, str]]:
    """Return bookings (or those of these) that something should have happened to before then, and their status."""
    statement = select(_b.id, _b.status).where(_b.due_at < before)
    if ids is not None:
        statement = statement.where(_b.id.in_(ids))
    rows = await connection.execute(statement.order_by(_b.due_at).limit(1000))
    return [(row.id, row.status) for row in rows]


async def list_occupied(connection: AsyncConnection, resource_id: UUID, since: datetime) -> list[OccupiedSeats]:
    """Return the seats that bookings of a resource occupy after ``since``."""
    statement = select(_b.starts_at, _b.busy_until, _b.seats).where(
        _b.resource_id == resource_id, IS_SEATED, _b.busy_until > since
    )
    return [OccupiedSeats(**row) for row in (await connection.execute(statement)).mappings()]


def _upcoming(resource_ids: Collection[UUID], now: datetime) -> ColumnElement[bool]:
    return and_(
        _b.resource_id.in_(resource_ids),
        IS_SEATED,
        _b.busy_until > now,
        _b.ends_at > now,
        or_(~IS_HELD, _b.expires_at > now),
    )


async def list_upcoming(
    connection: AsyncConnection, resource_ids: Collection[UUID], now: datetime
) -> list[UpcomingBooking]:
    """Return bookings of resources that have not ended and occupy seats, in the order in which they were made."""
    times = _b.starts_at, _b.ends_at, _b.busy_until
    statement = select(_b.id, _b.resource_id, _b.status, *times, _b.seats, _b.booked_address)
    rows = await connection.execute(statement.where(_upcoming(resource_ids, now)).order_by(_b.created_at, _b.id))
    return [UpcomingBooking(**row) for row in rows.mappings()]


async def lock_upcoming(connection: AsyncConnection, resource_ids: Collection[UUID], now: datetime) -> list[Booking]:
    """Return the same in full, locked in order of their ids; lock their resources before."""
    statement = _FULL.where(_upcoming(resource_ids, now)).order_by(_b.id).with_for_update(of=BOOKINGS)
    return [Booking(**row) for row in (await connection.execute(statement)).mappings()]


async def renew(connection: AsyncConnection, bookings: Collection[Booking]) -> list[Booking]:
    """Give locked bookings a next revision each, and return them with it."""
    statement = update(BOOKINGS).where(_b.id.in_([booking.id for booking in bookings]))
    await connection.execute(statement.values(revision=_b.revision + 1))
    return [replace(booking, revision=booking.revision + 1) for booking in bookings]


async def list_page(
    connection: AsyncConnection,
    *,
    renter: UUID | None,
    owner: Owner | None,
    status: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Booking]:
    """Return bookings of a renter, or of the spaces of an owner; the newest first."""
    statement = _FULL.order_by(_b.created_at.desc(), _b.id.desc()).limit(limit)
    if renter is not None:
        statement = statement.where(_b.user_id == renter)
    if owner is not None:
        by_address = and_(~_s.owner_decided, _s.owner_email == owner.email)
        statement = statement.where(or_(_s.owner_id == owner.id, by_address))
    if status is not None:
        statement = statement.where(_b.status == status)
    if after is not None:
        statement = statement.where(tuple_(_b.created_at, _b.id) < tuple_(*after))
    return [Booking(**row) for row in (await connection.execute(statement)).mappings()]


async def count_by_status(connection: AsyncConnection) -> list[StatusCount]:
    """Count bookings that keep seats, by their index, so that the past costs nothing."""
    late = func.extract("epoch", func.clock_timestamp() - func.min(_b.expires_at))
    statement = select(_b.status, func.count(), late).where(IS_SEATED).group_by(_b.status)
    rows = (await connection.execute(statement)).all()
    return [StatusCount(status, count, None if late is None else float(late)) for status, count, late in rows]
