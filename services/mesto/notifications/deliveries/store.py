"""All SQL of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from mesto.common.database.engine import one_of
from mesto.notifications.messages.rules import verification
from mesto.notifications.tables import INBOX, deliveries, unsent, users
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

Claimed: TypeAlias = Row[*tuple[Any, ...]]
"""A row of deliveries with the ``email``, ``email_verified``, ``name``, ``user_locale`` and ``removed`` of its user."""


async def save_user(connection: AsyncConnection, values: dict[str, Any], *, force: bool = False) -> None:
    """Keep what auth says, unless something newer is known; by ``force`` whatever is known."""
    statement = insert(users).values(values)
    newer = {name: statement.excluded[name] for name in values if name != "user_id"}
    known = None if force else users.c.revision < statement.excluded.revision
    await connection.execute(statement.on_conflict_do_update(index_elements=[users.c.user_id], set_=newer, where=known))


async def lock_user(connection: AsyncConnection, user_id: UUID) -> None:
    """Lock a user's row."""
    await connection.execute(select(users.c.user_id).where(users.c.user_id == user_id).with_for_update())


async def count_unsent(connection: AsyncConnection) -> int:
    """Mails that are not sent yet."""
    return (
        await connection.execute(select(func.count()).select_from(deliveries).where(unsent(deliveries)))
    ).scalar_one()


async def overdue(connection: AsyncConnection, before: datetime, ids: Sequence[UUID] | None = None) -> Sequence[Any]:
    """Mails (or those of these) that should have been tried before then; those to unknown people may wait."""
    known = select(users.c.user_id).where(users.c.user_id == deliveries.c.user_id).exists()
    statement = select(deliveries.c.id, deliveries.c.kind, deliveries.c.status)
    statement = (
        statement.where(unsent(deliveries), deliveries.c.due_at < before, known)
        .order_by(deliveries.c.due_at)
        .limit(1000)
    )
    return (await connection.execute(statement if ids is None else statement.where(deliveries.c.id.in_(ids)))).all()


async def add_delivery(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """A mail to send."""
    await connection.execute(insert(deliveries).values(values).on_conflict_do_nothing())


async def claim(connection: AsyncConnection, lease: timedelta, delivery_id: UUID | None = None) -> Claimed | None:
    """Take one due mail (this one, or the one that is due longest) for the length of ``lease``.

    None when there is none, when another worker has it, or when its user is not known yet: it waits for
    ``user.changed``.
    """
    waiting, known = deliveries.alias(), users.alias()
    due = (
        select(waiting.c.id)
        .where(
            unsent(waiting),
            waiting.c.due_at <= func.now(),
            waiting.c.user_id.in_(select(known.c.user_id).where(known.c.user_id == waiting.c.user_id)),
        )
        .order_by(waiting.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=waiting)
    )
    if delivery_id is not None:
        due = due.where(waiting.c.id == delivery_id)
    statement = (
        update(deliveries)
        .where(deliveries.c.id == due.scalar_subquery(), users.c.user_id == deliveries.c.user_id)
        .values(status="sending", attempts=deliveries.c.attempts + 1, due_at=func.now() + lease)
        .returning(
            deliveries,
            users.c.email,
            users.c.email_verified,
            users.c.name,
            users.c.locale.label("user_locale"),
            users.c.removed,
        )
    )
    found: Claimed | None = (await connection.execute(statement)).first()
    return found


async def count_to(connection: AsyncConnection, recipient: str, since: datetime, but: UUID) -> int:
    """How many other mails have gone to a recipient since then, those on their way included.

    Who asks for one recipient waits until the others who ask have committed.
    """
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(recipient, 0))))
    going = one_of(deliveries.c.status, "sending") | (
        one_of(deliveries.c.status, "sent") & (deliveries.c.sent_at > since)
    )
    statement = select(func.count()).where(deliveries.c.recipient == recipient, going, deliveries.c.id != but)
    return (await connection.execute(statement)).scalar_one()


async def finish(connection: AsyncConnection, claimed: Claimed, values: dict[str, Any]) -> None:
    """Write how an attempt ended, unless the mail has been taken over by another worker meanwhile.

    What a mail carried that is worth something to others (a token) is forgotten when there is nothing more to send.
    """
    if claimed.kind == verification.KIND and values.get("status", "pending") != "pending":
        values = {**values, "payload": {}}
    ours = (
        (deliveries.c.id == claimed.id)
        & (deliveries.c.status == "sending")
        & (deliveries.c.attempts == claimed.attempts)
    )
    await connection.execute(update(deliveries).where(ours).values(values))


async def forget_inbox(connection: AsyncConnection, before: datetime) -> int:
    """Forget events handled before then; how many."""
    return (await connection.execute(delete(INBOX).where(INBOX.c.received_at < before))).rowcount
