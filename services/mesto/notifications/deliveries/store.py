"""SQL of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mesto.common.database.engine import one_of
from mesto.notifications.deliveries.records import NOBODY, ClaimedDelivery, NewDelivery, OverdueDelivery
from mesto.notifications.deliveries.rules import ADDRESSED, Cap
from mesto.notifications.deliveries.tables import DELIVERIES, is_unsent
from mesto.notifications.recipients.records import Recipient
from mesto.notifications.recipients.tables import USERS
from mesto.notifications.tables import INBOX
from sqlalchemy import Text, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_CLAIMED = (
    DELIVERIES.c.id,
    DELIVERIES.c.kind,
    DELIVERIES.c.attempts,
    cast(DELIVERIES.c.payload, Text).label("content"),
    DELIVERIES.c.created_at,
    DELIVERIES.c.request_id,
    DELIVERIES.c.verified_only,
)


_NOBODY = Recipient(NOBODY, 0, None, email_verified=False, name="", locale="ru")
"""Who has no account; where the mail goes, its content says."""


async def count_unsent(connection: AsyncConnection) -> int:
    """Return how many mails are not sent yet."""
    statement = select(func.count()).select_from(DELIVERIES).where(is_unsent(DELIVERIES))
    return (await connection.execute(statement)).scalar_one()


async def list_overdue(
    connection: AsyncConnection, before: datetime, ids: Sequence[UUID] | None = None
) -> list[OverdueDelivery]:
    """Return mails (or those of these) that should have been tried before then; those to unknown people may wait."""
    columns = DELIVERIES.c
    known = select(USERS.c.user_id).where(USERS.c.user_id == columns.user_id).exists()
    statement = select(columns.id, columns.kind, columns.status)
    statement = statement.where(is_unsent(DELIVERIES), columns.due_at < before, or_(known, columns.user_id == NOBODY))
    if ids is not None:
        statement = statement.where(columns.id.in_(ids))
    rows = await connection.execute(statement.order_by(columns.due_at).limit(1000))
    return [OverdueDelivery(**row) for row in rows.mappings()]


async def insert_delivery(connection: AsyncConnection, delivery: NewDelivery) -> None:
    """Store a mail to send."""
    values = {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "kind": delivery.kind,
        "user_id": delivery.user_id,
        "request_id": delivery.request_id,
        "verified_only": delivery.verified_only,
        "payload": delivery.content.model_dump(mode="json"),
    }
    await connection.execute(insert(DELIVERIES).values(values).on_conflict_do_nothing())


async def claim(
    connection: AsyncConnection, lease: timedelta, delivery_id: UUID | None = None
) -> ClaimedDelivery | None:
    """Claim a due mail (this one, or the one that is due longest) for the length of ``lease``.

    None when there is none, when another worker has it, or when its user is not known yet: it waits for
    ``user.changed``.
    """
    waiting = DELIVERIES.alias()
    known = or_(USERS.c.user_id.is_not(None), waiting.c.user_id == NOBODY)
    due = (
        select(waiting.c.id.label("delivery_id"), *USERS.c)
        .select_from(waiting.outerjoin(USERS, USERS.c.user_id == waiting.c.user_id))
        .where(is_unsent(waiting), waiting.c.due_at <= func.now(), known)
        .order_by(waiting.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=waiting)
    )
    if delivery_id is not None:
        due = due.where(waiting.c.id == delivery_id)
    chosen = due.cte("due")  # done once: as a part of the other statement it may be done for each row, and lock others
    statement = (
        update(DELIVERIES)
        .where(DELIVERIES.c.id == chosen.c.delivery_id)
        .values(status="sending", attempts=DELIVERIES.c.attempts + 1, due_at=func.now() + lease)
        .returning(*_CLAIMED, *(chosen.c[column.name] for column in USERS.c))
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    person = {column.name: row[column.name] for column in USERS.c}
    recipient = _NOBODY if person["user_id"] is None else Recipient(**person)
    return ClaimedDelivery(**{column.name: row[column.name] for column in _CLAIMED}, recipient=recipient)


async def count_mails_to(connection: AsyncConnection, address_hash: str, cap: Cap, since: datetime, but: UUID) -> int:
    """Return how many other mails that a cap counts have gone to an address since then, those on their way included.

    Whoever asks for an address waits until the others who ask for it have committed.
    """
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address_hash, 0))))
    going = one_of(DELIVERIES.c.status, "sending") | (
        one_of(DELIVERIES.c.status, "sent") & (DELIVERIES.c.sent_at > since)
    )
    counted = DELIVERIES.c.kind.not_in(cap.kinds) if cap.others else DELIVERIES.c.kind.in_(cap.kinds)
    another = DELIVERIES.c.id != but
    statement = select(func.count()).where(DELIVERIES.c.recipient == address_hash, going, counted, another)
    return (await connection.execute(statement)).scalar_one()


async def note_address(connection: AsyncConnection, claimed: ClaimedDelivery, address_hash: str) -> None:
    """Store by which address a claimed mail is counted."""
    await _update(connection, claimed, {"recipient": address_hash})


async def mark_sent(connection: AsyncConnection, claimed: ClaimedDelivery, now: datetime) -> None:
    """Store that a claimed mail is sent."""
    values = {"status": "sent", "sent_at": now, "locale": claimed.recipient.locale, "last_error": None}
    await _end(connection, claimed, values)


async def mark_failed(connection: AsyncConnection, claimed: ClaimedDelivery, reason: str) -> None:
    """Store that a claimed mail will not be sent."""
    await _end(connection, claimed, {"status": "failed", "last_error": reason})


async def mark_suppressed(
    connection: AsyncConnection, claimed: ClaimedDelivery, reason: str, address_hash: str
) -> None:
    """Store that a claimed mail must not be sent."""
    await _end(connection, claimed, {"status": "suppressed", "last_error": reason, "recipient": address_hash})


async def postpone(connection: AsyncConnection, claimed: ClaimedDelivery, due_at: datetime, reason: str) -> None:
    """Store that a claimed mail is to be tried again at a later time."""
    await _update(connection, claimed, {"status": "pending", "due_at": due_at, "last_error": reason})


async def _end(connection: AsyncConnection, claimed: ClaimedDelivery, values: dict[str, Any]) -> None:
    """Store how a mail ended; what it carried that is worth something to others (a token) is forgotten."""
    await _update(connection, claimed, values | ({"payload": {}} if claimed.kind in ADDRESSED else {}))


async def _update(connection: AsyncConnection, claimed: ClaimedDelivery, values: dict[str, Any]) -> None:
    """Change a claimed mail, unless another worker has taken it over meanwhile."""
    ours = (
        (DELIVERIES.c.id == claimed.id)
        & (DELIVERIES.c.status == "sending")
        & (DELIVERIES.c.attempts == claimed.attempts)
    )
    await connection.execute(update(DELIVERIES).where(ours).values(values))


async def delete_handled_events(connection: AsyncConnection, before: datetime) -> int:
    """Forget events handled before then; return how many."""
    return (await connection.execute(delete(INBOX).where(INBOX.c.received_at < before))).rowcount
