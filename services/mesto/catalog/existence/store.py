"""SQL of spaces and the resources that should manage them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from mesto.catalog.existence.records import LostSpace, ManagedRow, UnstoredResource
from mesto.catalog.existence.tables import COMPARISONS
from mesto.catalog.spaces.tables import SPACES
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def list_managed(
    connection: AsyncConnection, namespaces: Sequence[str], after: UUID | None, limit: int
) -> list[ManagedRow]:
    """Return managed spaces by id after one, of these namespaces (none: of all)."""
    spaces = SPACES.c
    query = select(spaces.id, spaces.uid, spaces.namespace, spaces.name, spaces.slug, spaces.missing_since)
    query = query.where(spaces.managed, ~spaces.removed)
    if namespaces:
        query = query.where(spaces.namespace.in_(namespaces))
    if after is not None:
        query = query.where(spaces.id > after)
    rows = (await connection.execute(query.order_by(spaces.id).limit(limit))).mappings()
    return [ManagedRow(**row) for row in rows]


async def mark_missing(connection: AsyncConnection, uids: Sequence[UUID]) -> list[str]:
    """Note of managed spaces that their resource is missing; return the slugs of those of which it was not known."""
    spaces = SPACES.c
    unknown = spaces.uid.in_(uids), spaces.managed, ~spaces.removed, spaces.missing_since.is_(None)
    return await _mark(connection, unknown, func.now())


async def mark_found(connection: AsyncConnection, uids: Sequence[UUID]) -> list[str]:
    """Note that their resource exists after all; return the slugs of those that were missing."""
    return await _mark(connection, (SPACES.c.uid.in_(uids), SPACES.c.missing_since.is_not(None)), None)


async def _mark(connection: AsyncConnection, which: Sequence[ColumnElement[bool]], since: object) -> list[str]:
    # Locked in one order, as claims are.
    ids = (
        await connection.execute(select(SPACES.c.id).where(*which).order_by(SPACES.c.id).with_for_update())
    ).scalars()
    write = update(SPACES).where(SPACES.c.id.in_(ids.all())).values(missing_since=since).returning(SPACES.c.slug)
    return sorted((await connection.execute(write)).scalars())


async def upsert_comparison(connection: AsyncConnection, scope: str, unstored: Sequence[str]) -> None:
    """Keep the newest comparison of a scope."""
    write = insert(COMPARISONS).values(scope=scope, unstored=list(unstored))
    newest = {"compared_at": func.now(), "unstored": write.excluded.unstored}
    await connection.execute(write.on_conflict_do_update(index_elements=["scope"], set_=newest))


async def list_missing(connection: AsyncConnection, ids: Sequence[UUID] | None = None) -> list[LostSpace]:
    """Return managed spaces without a resource: all, or those of these."""
    query = select(SPACES.c.id, SPACES.c.namespace, SPACES.c.name, SPACES.c.missing_since)
    query = query.where(SPACES.c.missing_since.is_not(None), SPACES.c.managed, ~SPACES.c.removed)
    if ids is not None:
        query = query.where(SPACES.c.id.in_(ids))
    rows = (await connection.execute(query.order_by(SPACES.c.id).limit(1000))).mappings()
    return [LostSpace(**row) for row in rows]


async def list_unstored(connection: AsyncConnection) -> list[UnstoredResource]:
    """Return resources that said they are stored and were not, and when that was found; not what is a day old."""
    lately = COMPARISONS.c.compared_at > func.now() - timedelta(days=1)  # an operator of another scope may be no more
    found = await connection.execute(select(COMPARISONS.c.unstored, COMPARISONS.c.compared_at).where(lately))
    return [UnstoredResource(name, row.compared_at) for row in found for name in row.unstored]


async def count_managed(connection: AsyncConnection) -> int:
    """Return how many spaces a resource should manage."""
    query = select(func.count()).select_from(SPACES).where(SPACES.c.managed, ~SPACES.c.removed)
    return (await connection.execute(query)).scalar_one()
