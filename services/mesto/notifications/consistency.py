"""What must hold in notifications: people as auth knows them, and mails that are due are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page
from mesto.common.consistency.projections import Projection, Span, State
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.contracts.events import Event, UserChanged, UserRemoved
from mesto.notifications.deliveries import store
from mesto.notifications.deliveries.service import gone_user, user_values
from mesto.notifications.tables import users
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

OVERDUE = timedelta(minutes=10)
"""A mail that nobody has tried to send for so long is stuck."""
_META = {"user_id", "revision", "removed"}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _META}


class Users(Projection[UUID]):
    """People, of auth."""

    name = "users"

    def key(self, event: Event) -> UUID:
        assert isinstance(event, UserChanged | UserRemoved)
        return event.user_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        statement = select(users).where(*span.of(users.c.user_id)).order_by(users.c.user_id).limit(limit)
        return {
            row.user_id: State(row.revision, {} if row.removed else _plain(dict(row._mapping)))
            for row in await connection.execute(statement)
        }

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, UserRemoved):
            return State(event.revision, {})
        assert isinstance(event, UserChanged)
        return State(event.revision, _plain(user_values(event)))

    async def put(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            await store.lock_user(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, UserChanged):
                values = user_values(event)
            else:
                revision = event.revision if isinstance(event, UserRemoved) else seen.revision if seen else 0
                values = gone_user(key, revision)
            await store.save_user(connection, values, force=seen is not None)
        return True


async def _late(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
    rows = await store.overdue(connection, datetime.now(UTC) - OVERDUE, ids)
    return [Discrepancy(str(row.id), "overdue", f"{row.kind}, {row.status}") for row in rows]


async def _mails(connection: AsyncConnection, _after: Any) -> Page:
    late = await _late(connection, None)
    return Page(await store.count_unsent(connection), late)


async def _mails_again(connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
    return await _late(connection, [UUID(one.id) for one in suspects])


def checks(database: Database, sources: Sources) -> list[Check]:
    """All checks of notifications, in the order in which they are done."""
    return [
        Users(database, sources.facts("auth", "users")),
        LocalCheck("mails", database, _mails, _mails_again),
    ]
