"""Bookings, their history and their events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from mesto.booking.tables import booking_history, bookings, is_held, is_seated, resources, spaces, users
from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

_b, _s, _r, _h = bookings.c, spaces.c, resources.c, booking_history.c
_CAUSE = select(_h.cause).where(_h.booking_id == _b.id, _h.revision == _b.revision).scalar_subquery()
"""Why a booking is in its present status."""
_FULL = (
    select(
        bookings,
        _s.slug.label("space_slug"),
        func.coalesce(_b.booked_title, _s.title).label("space_title"),
        func.coalesce(_b.booked_address, _s.address).label("address"),
        _s.address.label("address_now"),
        _s.time_zone.label("time_zone"),
        _s.owner_email.label("owner_email"),
        _r.title.label("resource_title"),
        _r.seats.label("resource_seats"),
        _r.unit_minutes.label("unit_minutes"),
        _CAUSE.label("cause"),
    )
    .join_from(bookings, spaces, _s.id == _b.space_id)
    .join(resources, _r.id == _b.resource_id)
)


async def get(connection: AsyncConnection, booking_id: UUID) -> Row[Any] | None:
    """A booking with what its answer needs of space and resource."""
    return (await connection.execute(_FULL.where(_b.id == booking_id))).first()


async def lock(connection: AsyncConnection, booking_id: UUID, *, skip_locked: bool = False) -> Row[Any] | None:
    """The same, locked until the end of the transaction.

    The resource is locked first, shared, as bookings do: nobody rebuilds its counters meanwhile and all locks come in
    one order. None when there is no such booking, or it is locked and ``skip_locked``.
    """
    resource = select(_b.resource_id).where(_b.id == booking_id).scalar_subquery()
    await connection.execute(select(_r.id).where(_r.id == resource).with_for_update(read=True))
    statement = _FULL.where(_b.id == booking_id).with_for_update(of=bookings, skip_locked=skip_locked)
    return (await connection.execute(statement)).first()


async def lock_run_out(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> list[Row[Any]]:
    """Holds of a resource that have run out and overlap a time, locked in order of their ids."""
    statement = _FULL.where(
        _b.resource_id == resource_id,
        is_held,
        _b.expires_at <= now,
        _b.busy_until > since,
        _b.starts_at < until,
    )
    return list(await connection.execute(statement.order_by(_b.id).with_for_update(of=bookings)))


async def change(connection: AsyncConnection, booking_id: UUID, values: dict[str, Any]) -> None:
    """Change a locked booking."""
    await connection.execute(update(bookings).where(_b.id == booking_id).values(**values))


async def add_history(connection: AsyncConnection, *rows: dict[str, Any]) -> None:
    """Insert rows of the audit."""
    await connection.execute(insert(booking_history), list(rows))


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Ids of bookings that something must happen to, the longest due first."""
    statement = select(_b.id).where(_b.due_at <= now).order_by(_b.due_at).limit(limit)
    return list((await connection.execute(statement)).scalars())


async def seated(connection: AsyncConnection, resource_id: UUID, since: datetime) -> list[Row[Any]]:
    """Time and seats of bookings of a resource that occupy seats after ``since``."""
    statement = select(_b.starts_at, _b.busy_until, _b.seats).where(
        _b.resource_id == resource_id, is_seated, _b.busy_until > since
    )
    return list(await connection.execute(statement))


def _upcoming(resource_ids: Collection[UUID], now: datetime) -> ColumnElement[bool]:
    return and_(
        _b.resource_id.in_(resource_ids),
        is_seated,
        _b.busy_until > now,
        _b.ends_at > now,
        or_(~is_held, _b.expires_at > now),
    )


async def upcoming(connection: AsyncConnection, resource_ids: list[UUID], now: datetime) -> list[Row[Any]]:
    """Bookings of these resources that have not ended and occupy seats, in the order in which they were made."""
    times = _b.starts_at, _b.ends_at, _b.busy_until
    statement = select(_b.id, _b.resource_id, _b.status, *times, _b.seats, _b.booked_address)
    return list(await connection.execute(statement.where(_upcoming(resource_ids, now)).order_by(_b.created_at, _b.id)))


async def lock_upcoming(
    connection: AsyncConnection, resource_ids: Collection[UUID], now: datetime
) -> list[dict[str, Any]]:
    """The same with what their answers need, locked in order of their ids; lock their resources before."""
    statement = _FULL.where(_upcoming(resource_ids, now)).order_by(_b.id).with_for_update(of=bookings)
    return [dict(row._mapping) for row in await connection.execute(statement)]


async def renew(connection: AsyncConnection, booking_ids: Collection[UUID]) -> None:
    """A next revision for locked bookings."""
    statement = update(bookings).where(_b.id.in_(booking_ids)).values(revision=_b.revision + 1)
    await connection.execute(statement)


async def page(
    connection: AsyncConnection,
    *,
    renter: UUID | None,
    owner_email: str | None,
    status: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row[Any]]:
    """Bookings of a renter, or of the spaces of an owner; the newest first."""
    statement = _FULL.order_by(_b.created_at.desc(), _b.id.desc()).limit(limit)
    if renter is not None:
        statement = statement.where(_b.user_id == renter)
    if owner_email is not None:
        statement = statement.where(_s.owner_email == owner_email)
    if status is not None:
        statement = statement.where(_b.status == status)
    if after is not None:
        statement = statement.where(tuple_(_b.created_at, _b.id) < tuple_(*after))
    return list(await connection.execute(statement))


async def verified_email(connection: AsyncConnection, user_id: UUID) -> str | None:
    """The address that a user has verified, in its common form, which is what makes an owner."""
    known = and_(users.c.id == user_id, users.c.email_verified, users.c.removed.is_(False))
    return (await connection.execute(select(users.c.email).where(known))).scalar()


async def is_unverified_owner(connection: AsyncConnection, user_id: UUID) -> bool:
    """Whether somebody registered as an owner and has not verified their address yet."""
    known = and_(users.c.id == user_id, users.c.email_verified.is_(False), users.c.roles.contains(["owner"]))
    return (await connection.execute(select(users.c.id).where(known))).first() is not None
