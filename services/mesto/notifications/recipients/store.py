"""SQL of recipients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from mesto.notifications.recipients.records import Recipient
from mesto.notifications.recipients.tables import USERS
from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, recipient: Recipient, *, force: bool = False) -> None:
    """Store a person, unless a newer revision is stored; by ``force`` whatever is stored."""
    await _write(connection, asdict(recipient), force=force)


async def mark_removed(connection: AsyncConnection, user_id: UUID, revision: int, *, force: bool = False) -> None:
    """Store that a person is gone, also one that was never seen, and nothing personal of them.

    Nothing changes when a newer revision is stored, unless by ``force``.
    """
    erased = {"email": None, "email_verified": False, "name": "", "removed": True}
    await _write(connection, {"user_id": user_id, "revision": revision, **erased}, force=force)


async def _write(connection: AsyncConnection, values: Mapping[str, Any], *, force: bool) -> None:
    statement = insert(USERS).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "user_id"}
    newer = None if force else USERS.c.revision < statement.excluded.revision
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[USERS.c.user_id], set_=changes, where=newer)
    )


async def lock(connection: AsyncConnection, user_id: UUID) -> None:
    """Lock a person's row."""
    await connection.execute(select(USERS.c.user_id).where(USERS.c.user_id == user_id).with_for_update())


async def list_by_id(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[Recipient]:
    """Return people by their ids, removed ones too; ``conditions`` are on ``USERS``."""
    statement = select(USERS).where(*conditions).order_by(USERS.c.user_id).limit(limit)
    return [Recipient(**row) for row in (await connection.execute(statement)).mappings()]
