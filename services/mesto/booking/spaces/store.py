"""Projections: spaces with their resources (from catalog) and users (from auth)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mesto.booking.tables import inbox, resources, spaces, users
from sqlalchemy import Row, String, Table, bindparam, case, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_s, _r = spaces.c, resources.c
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
)
BOOKABLE = select(resources, *_POLICY).join_from(resources, spaces, _s.id == _r.space_id)


async def resource(connection: AsyncConnection, resource_id: UUID) -> Row[Any] | None:
    """A resource with the rules of its space."""
    return (await connection.execute(BOOKABLE.where(_r.id == resource_id))).first()


async def resource_shared(connection: AsyncConnection, resource_id: UUID) -> Row[Any] | None:
    """The same, locked against changes (of its counters' unit, of the rules), not against other bookings."""
    statement = BOOKABLE.where(_r.id == resource_id).with_for_update(read=True, of=(resources, spaces))
    return (await connection.execute(statement)).first()


async def _upsert_newer(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any], *, force: bool = False
) -> bool:
    statement = insert(table).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    newer = None if force else table.c.revision < statement.excluded.revision
    guarded = statement.on_conflict_do_update(index_elements=[table.c.id], set_=changes, where=newer)
    return (await connection.execute(guarded.returning(table.c.id))).first() is not None


async def put_space(connection: AsyncConnection, values: Mapping[str, Any], *, force: bool = False) -> bool:
    """Store a space; False (and nothing done) when this revision or a newer one is there, unless by ``force``."""
    return await _upsert_newer(connection, spaces, values, force=force)


async def put_user(connection: AsyncConnection, values: Mapping[str, Any], *, force: bool = False) -> bool:
    """Store a user; False when this revision or a newer one is already there, unless by ``force``."""
    return await _upsert_newer(connection, users, values, force=force)


async def newer_space(
    connection: AsyncConnection, space_id: UUID, revision: int, values: Mapping[str, Any], *, force: bool = False
) -> bool:
    """Change a known space if ``revision`` is newer than its own, or by ``force``."""
    statement = update(spaces).where(_s.id == space_id).values(revision=revision, **values)
    statement = statement if force else statement.where(_s.revision < revision)
    return (await connection.execute(statement.returning(_s.id))).first() is not None


async def lock_resources(connection: AsyncConnection, space_id: UUID) -> dict[UUID, Row[Any]]:
    """All resources of a space, locked exclusively in order of their ids: no booking is being made meanwhile."""
    statement = select(resources).where(_r.space_id == space_id).order_by(_r.id).with_for_update()
    return {row.id: row for row in await connection.execute(statement)}


async def lock_space(connection: AsyncConnection, space_id: UUID) -> Row[Any] | None:
    """A space's row, locked; lock its resources before."""
    return (await connection.execute(select(spaces).where(_s.id == space_id).with_for_update())).first()


async def lock_user(connection: AsyncConnection, user_id: UUID) -> None:
    """Lock a user's row."""
    await connection.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())


async def bury_space(connection: AsyncConnection, space_id: UUID) -> None:
    """A locked space that its owner does not know: as if it had been removed."""
    await connection.execute(update(spaces).where(_s.id == space_id).values(removed=True, published=False))


async def answers(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> Sequence[Any]:
    """id, revision, reason, message and the verdict of spaces by id: after one, or just these."""
    columns = (_s.id, _s.revision, _s.reason, _s.message, _s.bookable, _s.bookable_sequence)
    statement = select(*columns).order_by(_s.id)
    if ids:
        statement = statement.where(_s.id.in_(ids))
    else:
        statement = (statement.where(_s.id > after) if after else statement).limit(limit)
    return (await connection.execute(statement)).all()


async def get(connection: AsyncConnection, space_id: UUID) -> Row[Any] | None:
    """A space, its revision as ``space_revision``."""
    statement = select(spaces, _s.revision.label("space_revision")).where(_s.id == space_id)
    return (await connection.execute(statement)).first()


async def known(connection: AsyncConnection, space_id: UUID) -> Row[Any]:
    """The same, locked. One of which no event has come gets a row of revision 0, of which nothing can be booked."""
    blank: dict[str, Any] = {name: [] for name in ("opening_hours", "exceptions", "cancellation")}
    words = {"slug": "", "title": {}, "address": "", "time_zone": "UTC", "approval": "instant", "hold_minutes": 15}
    empty = {"id": space_id, "revision": 0, "removed": False, "published": False, **words, **blank}
    await connection.execute(insert(spaces).values(empty).on_conflict_do_nothing(index_elements=[_s.id]))
    await lock_space(connection, space_id)
    row = await get(connection, space_id)
    assert row is not None
    return row


async def resources_of(connection: AsyncConnection, space_id: UUID) -> dict[UUID, Row[Any]]:
    """All resources that a space has or had."""
    return {row.id: row for row in await connection.execute(select(resources).where(_r.space_id == space_id))}


async def keep_proposals(connection: AsyncConnection, space_id: UUID, proposals: Mapping[str, Any]) -> None:
    """Replace the proposals of a locked space."""
    await connection.execute(update(spaces).where(_s.id == space_id).values(proposals=dict(proposals) or None))


async def drop_proposal(connection: AsyncConnection, space_id: UUID, proposal_id: UUID) -> None:
    """Forget one proposal of a space."""
    fewer = _s.proposals.op("-")(cast(str(proposal_id), String))
    mine = update(spaces).where(_s.id == space_id, _s.proposals.has_key(str(proposal_id)))
    await connection.execute(mine.values(proposals=fewer))


async def offered(connection: AsyncConnection, space_id: UUID) -> list[Row[Any]]:
    """What can be booked of a space, by name, each with the rules of the space; nothing while it is unpublished."""
    statement = BOOKABLE.where(_s.id == space_id, _r.active, _s.published, ~_s.removed)
    return list(await connection.execute(statement.order_by(_r.name)))


async def keep_verdict(
    connection: AsyncConnection,
    space_id: UUID,
    bookable: Mapping[str, Any] | None,
    now: datetime,
    due: datetime | None,
) -> int:
    """Keep whether a space can be booked, and when to reckon it anew; the number of the verdict.

    Numbers grow with each change, also when the row was lost in between: they go by the time, in milliseconds.
    """
    new = bindparam("verdict", bookable, type_=_s.bookable.type)
    known = _s.bookable_sequence
    after = func.greatest(known + 1, round(now.timestamp() * 1000))
    number = case((_s.bookable.is_distinct_from(new), after), else_=known)
    values = {"bookable": new, "bookable_due": due, "bookable_sequence": number}
    statement = update(spaces).where(_s.id == space_id).values(values).returning(_s.bookable_sequence)
    return int((await connection.execute(statement)).scalar_one())


async def make_verdicts_due(connection: AsyncConnection, now: datetime) -> None:
    """Whatever would be reckoned anew later is due now."""
    await connection.execute(update(spaces).where(_s.bookable_due > now).values(bookable_due=now))


async def verdicts_due(connection: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Spaces to reckon anew, the longest due first."""
    statement = select(_s.id).where(_s.bookable_due <= now).order_by(_s.bookable_due).limit(limit)
    return list((await connection.execute(statement)).scalars())


async def put_resource(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert or replace a resource."""
    statement = insert(resources).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    await connection.execute(statement.on_conflict_do_update(index_elements=[_r.id], set_=changes))


async def deactivate(connection: AsyncConnection, resource_ids: list[UUID]) -> None:
    """Resources that the space no longer declares: nothing new is booked, bookings stay."""
    await connection.execute(update(resources).where(_r.id.in_(resource_ids)).values(active=False))


async def prune_inbox(connection: AsyncConnection, before: datetime) -> int:
    """Forget events handled before; how many."""
    return (await connection.execute(delete(inbox).where(inbox.c.received_at < before))).rowcount
