"""SQL of limits. The database's clock counts: those of several processes differ."""

from __future__ import annotations

from datetime import datetime, timedelta

from mesto.auth.rate_limits.records import Window
from mesto.auth.rate_limits.tables import OCCASIONS, RATE_ENTRIES
from mesto.common.database.pruning import batch_of
from sqlalchemy import ColumnElement, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

_c = RATE_ENTRIES.c
_NOW = func.statement_timestamp()


def _counting(subject: bytes) -> ColumnElement[bool]:
    return (_c.subject == subject) & (_c.expires_at > _NOW)


async def lock(connection: AsyncConnection, subject: bytes) -> None:
    """Let others who count the same wait until this transaction ends; the next statement sees what they did."""
    key = int.from_bytes(subject[:8], "big", signed=True)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))


async def insert_within(connection: AsyncConnection, subject: bytes, most: int, seconds: int, amount: int) -> bool:
    """Count so many more, unless they would be more than ``most``; return whether they were counted."""
    counting = select(_c.id).where(_counting(subject)).limit(most).subquery()
    count = select(func.count()).select_from(counting).scalar_subquery()
    entry = select(literal(subject, _c.subject.type), _NOW + literal(timedelta(seconds=seconds)))
    entries = entry.select_from(func.generate_series(1, amount).table_valued("number")).where(count + amount <= most)
    statement = insert(RATE_ENTRIES).from_select(["subject", "expires_at"], entries)
    return (await connection.execute(statement)).rowcount > 0


async def find_window(connection: AsyncConnection, subject: bytes) -> Window:
    """Return what counts of a subject."""
    ends = func.extract("epoch", func.min(_c.expires_at))
    count, first_ends = (await connection.execute(select(func.count(), ends).where(_counting(subject)))).one()
    return Window(count, None if first_ends is None else float(first_ends))


async def delete_newest(connection: AsyncConnection, subject: bytes) -> None:
    """Take the newest entry of a subject back."""
    newest = select(_c.id).where(_c.subject == subject).order_by(_c.expires_at.desc(), _c.id.desc()).limit(1)
    await connection.execute(delete(RATE_ENTRIES).where(_c.id == newest.scalar_subquery()))


async def delete_all(connection: AsyncConnection, subject: bytes | None) -> int:
    """Forget the entries of a subject, None for those of all; return how many."""
    statement = delete(RATE_ENTRIES)
    return (await connection.execute(statement if subject is None else statement.where(_c.subject == subject))).rowcount


async def delete_expired(connection: AsyncConnection) -> int:
    """Forget a batch of entries that count no more; return how many."""
    return (await connection.execute(batch_of(RATE_ENTRIES, _c.expires_at <= _NOW))).rowcount


async def delete_occasions(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of what the release before counted before then; return how many."""
    return (await connection.execute(batch_of(OCCASIONS, OCCASIONS.c.since < before))).rowcount
