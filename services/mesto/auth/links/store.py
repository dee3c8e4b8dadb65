"""SQL of links."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from mesto.auth.links.records import Link
from mesto.auth.links.rules import Purpose
from mesto.auth.links.tables import LINKS
from mesto.common.database.pruning import batch_of
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_LINK = (LINKS.c.account_id, LINKS.c.email, LINKS.c.created_at, LINKS.c.expires_at, LINKS.c.used_at)


async def insert_link(
    connection: AsyncConnection,
    digest: bytes,
    purpose: Purpose,
    account_id: UUID,
    *,
    email: str,
    email_key: str | None,
    expires_at: datetime,
) -> None:
    """Keep a link by the hash of its token."""
    values = {
        "hash": digest,
        "purpose": purpose.value,
        "account_id": account_id,
        "email": email,
        "email_key": email_key,
        "expires_at": expires_at,
    }
    await connection.execute(insert(LINKS).values(values))


async def find(connection: AsyncConnection, digest: bytes, purpose: Purpose) -> Link | None:
    """Return the link of a token's hash, None when there is none for this purpose."""
    statement = select(*_LINK).where(LINKS.c.hash == digest, LINKS.c.purpose == purpose.value)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Link(**row)


async def newest(connection: AsyncConnection, account_id: UUID, purpose: Purpose, now: datetime) -> Link | None:
    """Return the youngest link of an account that still works for a purpose, None when there is none."""
    statement = (
        select(*_LINK)
        .where(
            LINKS.c.account_id == account_id,
            LINKS.c.purpose == purpose.value,
            LINKS.c.used_at.is_(None),
            LINKS.c.expires_at > now,
        )
        .order_by(LINKS.c.created_at.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Link(**row)


async def use_all(
    connection: AsyncConnection,
    account_id: UUID,
    purposes: Collection[Purpose],
    now: datetime,
    *,
    since: datetime | None = None,
) -> None:
    """Mark the links of an account for these purposes used: all, or those that were made since then."""
    unused = LINKS.c.used_at.is_(None) & LINKS.c.purpose.in_([purpose.value for purpose in purposes])
    if since is not None:
        unused &= LINKS.c.created_at >= since
    await connection.execute(update(LINKS).where(LINKS.c.account_id == account_id, unused).values(used_at=now))


async def is_reserved(connection: AsyncConnection, email_key: str, account_id: UUID | None, now: datetime) -> bool:
    """Return whether another account may still take this address back."""
    statement = select(LINKS.c.account_id).where(
        LINKS.c.email_key == email_key,
        LINKS.c.purpose == "email_undo",
        LINKS.c.used_at.is_(None),
        LINKS.c.expires_at > now,
    )
    if account_id is not None:
        statement = statement.where(LINKS.c.account_id != account_id)
    return (await connection.execute(statement.limit(1))).first() is not None


async def delete_expired(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of links that ran out before then; return how many."""
    return (await connection.execute(batch_of(LINKS, LINKS.c.expires_at < before))).rowcount
