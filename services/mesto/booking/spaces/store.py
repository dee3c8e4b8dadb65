"""SQL of spaces with their resources: reading and locking them."""

from __future__ import annotations

from uuid import UUID

from mesto.booking.spaces.records import BookableResource, Resource, Space
from mesto.booking.spaces.tables import RESOURCES, SPACES
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

_s, _r = SPACES.c, RESOURCES.c
_POLICY = (
    _s.revision.label("space_revision"),
    _s.proposals,
    _s.removed,
    _s.published,
    _s.slug.label("space_slug"),
    _s.title.label("space_title"),
    _s.address,
    _s.latitude,
    _s.longitude,
    _s.time_zone,
    _s.opening_hours,
    _s.exceptions,
    _s.approval,
    _s.hold_minutes,
    _s.cancellation,
    _s.owner_email,
    _s.owner_id,
    _s.owner_decided,
)
BOOKABLE = select(RESOURCES, *_POLICY).join_from(RESOURCES, SPACES, _s.id == _r.space_id)


async def find_resource(connection: AsyncConnection, resource_id: UUID) -> BookableResource | None:
    """Return a resource with the rules of its space."""
    row = (await connection.execute(BOOKABLE.where(_r.id == resource_id))).mappings().first()
    return None if row is None else BookableResource(**row)


async def lock_resource_shared(connection: AsyncConnection, resource_id: UUID) -> BookableResource | None:
    """Return the same, locked against changes (of its counters' unit, of the rules), not against other bookings."""
    statement = BOOKABLE.where(_r.id == resource_id).with_for_update(read=True, of=(RESOURCES, SPACES))
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else BookableResource(**row)


async def lock_resource(connection: AsyncConnection, resource_id: UUID) -> Resource | None:
    """Return a resource, locked exclusively: no booking of it is being made meanwhile."""
    statement = select(RESOURCES).where(_r.id == resource_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Resource(**row)


async def lock_resources(connection: AsyncConnection, space_id: UUID) -> dict[UUID, Resource]:
    """Return all resources of a space by their ids, locked exclusively in this order: no booking is being made."""
    statement = select(RESOURCES).where(_r.space_id == space_id).order_by(_r.id).with_for_update()
    return {row["id"]: Resource(**row) for row in (await connection.execute(statement)).mappings()}


async def lock_space(connection: AsyncConnection, space_id: UUID) -> Space | None:
    """Return a space, locked; lock its resources before."""
    row = (await connection.execute(select(SPACES).where(_s.id == space_id).with_for_update())).mappings().first()
    return None if row is None else Space(**row)


async def find_space(connection: AsyncConnection, space_id: UUID) -> Space | None:
    """Return a space."""
    row = (await connection.execute(select(SPACES).where(_s.id == space_id))).mappings().first()
    return None if row is None else Space(**row)


async def list_resources(connection: AsyncConnection, space_id: UUID) -> dict[UUID, Resource]:
    """Return all resources that a space has or had, by their ids."""
    rows = (await connection.execute(select(RESOURCES).where(_r.space_id == space_id))).mappings()
    return {row["id"]: Resource(**row) for row in rows}


async def list_resource_ids(connection: AsyncConnection, after: UUID | None, limit: int) -> list[UUID]:
    """Return the ids of resources in their order, after one."""
    statement = select(_r.id).order_by(_r.id).limit(limit)
    return list((await connection.execute(statement.where(_r.id > after) if after else statement)).scalars())


async def list_offered(connection: AsyncConnection, space_id: UUID) -> list[BookableResource]:
    """Return what can be booked of a space, by name; nothing while it is unpublished."""
    statement = BOOKABLE.where(_s.id == space_id, _r.active, _s.published, ~_s.removed)
    rows = (await connection.execute(statement.order_by(_r.name))).mappings()
    return [BookableResource(**row) for row in rows]
