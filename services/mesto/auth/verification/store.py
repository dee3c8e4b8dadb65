"""SQL of links that verify addresses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.auth.accounts.tables import ACCOUNTS
from mesto.auth.verification.records import VerificationLink
from mesto.auth.verification.tables import VERIFICATIONS
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_link(
    connection: AsyncConnection, digest: bytes, account_id: UUID, email: str, expires_at: datetime
) -> None:
    """Keep a link by the hash of its token."""
    values = {"hash": digest, "account_id": account_id, "email": email, "expires_at": expires_at}
    await connection.execute(insert(VERIFICATIONS).values(values))


async def find(connection: AsyncConnection, digest: bytes) -> VerificationLink | None:
    """Return the link of a token's hash, locked with its account: it is used once. None when there is none."""
    columns = VERIFICATIONS.c
    statement = (
        select(
            columns.account_id,
            columns.email,
            columns.expires_at,
            columns.used_at,
            ACCOUNTS.c.email.label("current_email"),
            ACCOUNTS.c.email_verified,
        )
        .select_from(VERIFICATIONS.join(ACCOUNTS))
        .where(columns.hash == digest)
        .with_for_update()
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else VerificationLink(**row)


async def use_all(connection: AsyncConnection, account_id: UUID, now: datetime) -> None:
    """Mark all links of an account used."""
    unused = (VERIFICATIONS.c.account_id == account_id) & VERIFICATIONS.c.used_at.is_(None)
    await connection.execute(update(VERIFICATIONS).where(unused).values(used_at=now))


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Forget links that ran out before then."""
    await connection.execute(delete(VERIFICATIONS).where(VERIFICATIONS.c.expires_at < before))
