"""SQL of the security log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from mesto.auth.security_log.records import Entry, NewEntry
from mesto.auth.security_log.tables import SECURITY_KEYS, SECURITY_LOG
from mesto.common.database.pruning import batch_of
from sqlalchemy import insert, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection


async def find_key(connection: AsyncConnection, account_id: UUID) -> bytes | None:
    """Return the key of an account, None when it has none."""
    statement = select(SECURITY_KEYS.c.key).where(SECURITY_KEYS.c.account_id == account_id)
    return (await connection.execute(statement)).scalar()


async def insert_key(connection: AsyncConnection, account_id: UUID, key: bytes) -> None:
    """Give an account a key, unless it has one."""
    statement = postgresql.insert(SECURITY_KEYS).values(account_id=account_id, key=key)
    await connection.execute(statement.on_conflict_do_nothing())


async def insert_entry(connection: AsyncConnection, entry: NewEntry) -> None:
    """Add an entry."""
    await connection.execute(insert(SECURITY_LOG).values(asdict(entry)))


async def list_latest(
    connection: AsyncConnection, person: bytes | None, since: datetime | None, limit: int
) -> list[Entry]:
    """Return the latest entries, the last first: of everybody, or those about or by one person."""
    columns = SECURITY_LOG.c
    statement = select(*(column for column in columns if column.name != "keep_until"))
    if person is not None:
        statement = statement.where(or_(columns.person == person, columns.actor == person))
    if since is not None:
        statement = statement.where(columns.at >= since)
    rows = await connection.execute(statement.order_by(columns.id.desc()).limit(limit))
    return [Entry(**row) for row in rows.mappings()]


async def delete_before(connection: AsyncConnection, now: datetime, before: datetime) -> int:
    """Forget a batch of entries of before then that need not be kept any longer; return how many."""
    old = (SECURITY_LOG.c.at < before) & (SECURITY_LOG.c.keep_until <= now)
    return (await connection.execute(batch_of(SECURITY_LOG, old))).rowcount
