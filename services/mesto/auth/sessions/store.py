"""SQL of sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.auth.accounts.tables import ACCOUNTS
from mesto.auth.sessions.records import RefreshToken, SessionHolder
from mesto.auth.sessions.tables import LOGIN_FAILURES, REFRESH_TOKENS, SESSIONS
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_session(
    connection: AsyncConnection, session_id: UUID, account_id: UUID, user_agent: str, expires_at: datetime
) -> None:
    """Keep a new session."""
    values = {"id": session_id, "account_id": account_id, "user_agent": user_agent, "expires_at": expires_at}
    await connection.execute(insert(SESSIONS).values(values))


async def insert_refresh_token(connection: AsyncConnection, digest: bytes, session_id: UUID) -> None:
    """Keep a refresh token's hash."""
    await connection.execute(insert(REFRESH_TOKENS).values(hash=digest, session_id=session_id))


async def find_refresh_token(connection: AsyncConnection, digest: bytes) -> RefreshToken | None:
    """Return the token with its session and account, None when there is none.

    Token and session are locked, so two refreshes of one session come one after the other.
    """
    statement = (
        select(
            REFRESH_TOKENS.c.used_at,
            SESSIONS.c.ended_at,
            SESSIONS.c.id.label("session_id"),
            SESSIONS.c.expires_at,
            ACCOUNTS.c.id.label("account_id"),
            ACCOUNTS.c.email,
            ACCOUNTS.c.email_verified,
            ACCOUNTS.c.roles,
        )
        .select_from(REFRESH_TOKENS.join(SESSIONS).join(ACCOUNTS))
        .where(REFRESH_TOKENS.c.hash == digest)
        .with_for_update(of=[REFRESH_TOKENS, SESSIONS])
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    fields = dict(row)
    return RefreshToken(fields.pop("used_at"), fields.pop("ended_at"), SessionHolder(**fields))


async def use_refresh_token(connection: AsyncConnection, digest: bytes, session_id: UUID, now: datetime) -> None:
    """Mark a token used (its first use counts) and its session alive."""
    unused = (REFRESH_TOKENS.c.hash == digest) & REFRESH_TOKENS.c.used_at.is_(None)
    await connection.execute(update(REFRESH_TOKENS).where(unused).values(used_at=now))
    await connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(used_at=now))


async def end_session(connection: AsyncConnection, session_id: UUID, now: datetime, because: str) -> None:
    """End a session; its refresh tokens are worth nothing from now on."""
    alive = (SESSIONS.c.id == session_id) & SESSIONS.c.ended_at.is_(None)
    await connection.execute(update(SESSIONS).where(alive).values(ended_at=now, ended_because=because))


async def end_all(
    connection: AsyncConnection, account_id: UUID, now: datetime, because: str, except_session: UUID | None
) -> None:
    """End the sessions of an account, but for one."""
    alive = (SESSIONS.c.account_id == account_id) & SESSIONS.c.ended_at.is_(None)
    if except_session is not None:
        alive &= SESSIONS.c.id != except_session
    await connection.execute(update(SESSIONS).where(alive).values(ended_at=now, ended_because=because))


async def count_failures(connection: AsyncConnection, subject: str, since: datetime) -> int:
    """Return how often sign-in failed for a subject since then."""
    statement = select(func.count()).where(LOGIN_FAILURES.c.subject == subject, LOGIN_FAILURES.c.at >= since)
    return (await connection.execute(statement)).scalar_one()


async def insert_failure(connection: AsyncConnection, subject: str, forget_before: datetime) -> None:
    """Note a failed sign-in and forget the old ones of the subject."""
    old = (LOGIN_FAILURES.c.subject == subject) & (LOGIN_FAILURES.c.at < forget_before)
    await connection.execute(delete(LOGIN_FAILURES).where(old))
    await connection.execute(insert(LOGIN_FAILURES).values(subject=subject))


async def delete_failures(connection: AsyncConnection, subject: str) -> None:
    """Forget the failed sign-ins of a subject: a right password clears the count."""
    await connection.execute(delete(LOGIN_FAILURES).where(LOGIN_FAILURES.c.subject == subject))
