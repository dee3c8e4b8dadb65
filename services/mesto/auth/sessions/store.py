"""SQL of sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.auth.accounts.tables import ACCOUNTS
from mesto.auth.sessions.records import RefreshToken, SessionHolder
from mesto.auth.sessions.tables import LOGIN_FAILURES, REFRESH_TOKENS, SESSIONS
from mesto.common.database.pruning import batch_of
from sqlalchemy import func, insert, select, update
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


async def delete_failures(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of what the release before counted before then; return how many."""
    return (await connection.execute(batch_of(LOGIN_FAILURES, LOGIN_FAILURES.c.at < before))).rowcount


async def delete_over(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of sessions that were over before then, with their tokens; return how many."""
    over = func.coalesce(SESSIONS.c.ended_at, SESSIONS.c.expires_at) < before
    return (await connection.execute(batch_of(SESSIONS, over))).rowcount
