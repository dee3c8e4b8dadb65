"""SQL of spaces and resources as catalog tells of them: writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mesto.booking.spaces.records import DeclaredSpace, Resource, Space
from mesto.booking.spaces.tables import RESOURCES, SPACES
from mesto.booking.tables import INBOX
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_s, _r = SPACES.c, RESOURCES.c


async def upsert_space(connection: AsyncConnection, space: DeclaredSpace, *, force: bool = False) -> bool:
    """Store a space; return False (and do nothing) when this revision or a newer one is there, unless by ``force``."""
    return await _upsert(connection, vars(space), force)


async def insert_removed(connection: AsyncConnection, space: DeclaredSpace) -> bool:
    """Store a space that is gone before it was known; return False when this revision or a newer one is there."""
    return await _upsert(connection, {**vars(space), "bookable": None, "bookable_due": None}, force=False)


async def _upsert(connection: AsyncConnection, values: Mapping[str, object], force: bool) -> bool:
    statement = insert(SPACES).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    newer = None if force else _s.revision < statement.excluded.revision
    guarded = statement.on_conflict_do_update(index_elements=[_s.id], set_=changes, where=newer)
    return (await connection.execute(guarded.returning(_s.id))).first() is not None


async def refuse_space(
    connection: AsyncConnection, space_id: UUID, revision: int, reason: str, message: str, *, force: bool = False
) -> bool:
    """Note why a revision of a known space is refused, if it is newer than its own, or by ``force``."""
    return await _update_newer(connection, space_id, revision, {"reason": reason, "message": message}, force)


async def remove_space(connection: AsyncConnection, space_id: UUID, revision: int, *, force: bool = False) -> bool:
    """Mark a known space as gone if ``revision`` is newer than its own, or by ``force``."""
    gone = {"removed": True, "published": False, "reason": "Applied", "message": ""}
    return await _update_newer(connection, space_id, revision, gone | {"bookable": None, "bookable_due": None}, force)


async def _update_newer(
    connection: AsyncConnection, space_id: UUID, revision: int, values: Mapping[str, object], force: bool
) -> bool:
    statement = update(SPACES).where(_s.id == space_id).values(revision=revision, **values)
    statement = statement if force else statement.where(_s.revision < revision)
    return (await connection.execute(statement.returning(_s.id))).first() is not None


async def tombstone_space(connection: AsyncConnection, space_id: UUID) -> None:
    """Mark a locked space that its owner does not know as gone."""
    await connection.execute(update(SPACES).where(_s.id == space_id).values(removed=True, published=False))


async def upsert_resource(connection: AsyncConnection, resource: Resource) -> None:
    """Insert or replace a resource."""
    values = vars(resource)
    statement = insert(RESOURCES).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    await connection.execute(statement.on_conflict_do_update(index_elements=[_r.id], set_=changes))


async def deactivate(connection: AsyncConnection, resource_ids: Sequence[UUID]) -> None:
    """Mark resources that the space no longer declares: nothing new is booked, bookings stay."""
    await connection.execute(update(RESOURCES).where(_r.id.in_(resource_ids)).values(active=False))


async def list_spaces(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[Space]:
    """Return spaces by their ids; ``conditions`` are on ``SPACES``."""
    statement = select(SPACES).where(*conditions).order_by(_s.id).limit(limit)
    return [Space(**row) for row in (await connection.execute(statement)).mappings()]


async def list_active_resources(connection: AsyncConnection, space_ids: Sequence[UUID]) -> list[Resource]:
    """Return the resources that these spaces declare."""
    statement = select(RESOURCES).where(_r.space_id.in_(space_ids), _r.active)
    return [Resource(**row) for row in (await connection.execute(statement)).mappings()]


async def prune_inbox(connection: AsyncConnection, before: datetime) -> int:
    """Forget events handled before; return how many."""
    return (await connection.execute(delete(INBOX).where(INBOX.c.received_at < before))).rowcount
