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
from mesto.notifications.deliveries import store as deliveries
from mesto.notifications.recipients import store as recipients
from mesto.notifications.recipients.records import Recipient
from mesto.notifications.recipients.service import from_event
from mesto.notifications.recipients.tables import USERS
from sqlalchemy.ext.asyncio import AsyncConnection

OVERDUE = timedelta(minutes=10)
"""A mail that nobody has tried to send for so long is stuck."""


class Users(Projection[UUID]):
    """People, of auth."""

    name = "users"

    def key(self, event: Event) -> UUID:
        assert isinstance(event, UserChanged | UserRemoved)
        return event.user_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await recipients.list_by_id(connection, span.of(USERS.c.user_id), limit)
        return {known.user_id: _state(known) for known in found}

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, UserRemoved):
            return State(event.revision, {})
        assert isinstance(event, UserChanged)
        return _state(from_event(event))

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        force = seen is not None
        async with self.database.transaction() as connection:
            await recipients.lock(connection, key)
            if force and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, UserChanged):
                await recipients.upsert(connection, from_event(event), force=force)
            else:
                revision = event.revision if isinstance(event, UserRemoved) else seen.revision if seen else 0
                await recipients.mark_removed(connection, key, revision, force=force)
        return True


def _state(known: Recipient) -> State:
    """Return a person as they are compared; of one who is gone the revision alone."""
    if known.removed:
        return State(known.revision, {})
    personal = {
        "email": known.email,
        "email_verified": known.email_verified,
        "name": known.name,
        "locale": known.locale,
    }
    return State(known.revision, personal)


async def _late(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
    late = await deliveries.list_overdue(connection, datetime.now(UTC) - OVERDUE, ids)
    return [Discrepancy(str(mail.id), "overdue", f"{mail.kind}, {mail.status}") for mail in late]


async def _mails(connection: AsyncConnection, _after: Any) -> Page:
    late = await _late(connection, None)
    return Page(await deliveries.count_unsent(connection), late)


async def _mails_again(connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
    return await _late(connection, [UUID(suspect.id) for suspect in suspects])


def checks(database: Database, sources: Sources) -> list[Check]:
    """Return all checks of notifications, in the order in which they are done."""
    return [
        Users(database, sources.facts("auth", "users")),
        LocalCheck("mails", database, _mails, _mails_again),
    ]
