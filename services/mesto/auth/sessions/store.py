"""SQL of sessions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from mesto.auth.sessions.records import RefreshToken, Session
from mesto.auth.sessions.tables import LOGIN_FAILURES, REFRESH_TOKENS, SESSIONS
from mesto.common.database.pruning import batch_of
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_SESSION = select(*(column for column in SESSIONS.c if column.name != "ended_because"))
_TOKEN = select(REFRESH_TOKENS.c.session_id, REFRESH_TOKENS.c.used_at, REFRESH_TOKENS.c.successor_salt)


async def insert_session(connection: AsyncConnection, session: Session) -> None:
    """Keep a new session."""
    await connection.execute(insert(SESSIONS).values(asdict(session)))


async def lock_session(connection: AsyncConnection, session_id: UUID) -> Session | None:
    """Return a session, locked: what is done with it is done one after the other. None when there is none."""
    row = (await connection.execute(_SESSION.where(SESSIONS.c.id == session_id).with_for_update())).mappings().first()
    return None if row is None else Session(**row)


async def list_alive(connection: AsyncConnection, account_id: UUID, now: datetime) -> list[Session]:
    """Return the sessions of an account that are not over, the last used first."""
    alive = (SESSIONS.c.account_id == account_id) & SESSIONS.c.ended_at.is_(None) & (SESSIONS.c.expires_at > now)
    rows = await connection.execute(_SESSION.where(alive).order_by(SESSIONS.c.used_at.desc(), SESSIONS.c.id))
    return [Session(**row) for row in rows.mappings()]


async def update_session(connection: AsyncConnection, session: Session) -> None:
    """Note where and when a session is used, until when it lasts, and when its holder proved who they are."""
    values = {
        "user_agent": session.user_agent,
        "network": session.network,
        "used_at": session.used_at,
        "expires_at": session.expires_at,
        "authenticated_at": session.authenticated_at,
    }
    await connection.execute(update(SESSIONS).where(SESSIONS.c.id == session.id).values(values))


async def end_sessions(
    connection: AsyncConnection,
    account_id: UUID,
    now: datetime,
    because: str,
    *,
    session_id: UUID | None = None,
    except_session: UUID | None = None,
) -> list[UUID]:
    """End the sessions of an account, or just one, or all but one; return those that were not over."""
    alive = (SESSIONS.c.account_id == account_id) & SESSIONS.c.ended_at.is_(None)
    if session_id is not None:
        alive &= SESSIONS.c.id == session_id
    if except_session is not None:
        alive &= SESSIONS.c.id != except_session
    statement = update(SESSIONS).where(alive).values(ended_at=now, ended_because=because).returning(SESSIONS.c.id)
    return list((await connection.execute(statement)).scalars())


async def insert_refresh_token(connection: AsyncConnection, digest: bytes, session_id: UUID) -> None:
    """Keep a refresh token's hash."""
    await connection.execute(insert(REFRESH_TOKENS).values(hash=digest, session_id=session_id))


async def find_refresh_token(connection: AsyncConnection, digest: bytes) -> RefreshToken | None:
    """Return a refresh token by its hash, None when there is none."""
    row = (await connection.execute(_TOKEN.where(REFRESH_TOKENS.c.hash == digest))).mappings().first()
    return None if row is None else RefreshToken(**row)


async def use_refresh_token(connection: AsyncConnection, digest: bytes, salt: bytes, now: datetime) -> None:
    """Mark a token used, its first use counts, and keep what its successor is derived with."""
    used_at = func.coalesce(REFRESH_TOKENS.c.used_at, now)
    statement = update(REFRESH_TOKENS).where(REFRESH_TOKENS.c.hash == digest)
    await connection.execute(statement.values(used_at=used_at, successor_salt=salt))


async def delete_failures(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of what the release before counted before then; return how many."""
    return (await connection.execute(batch_of(LOGIN_FAILURES, LOGIN_FAILURES.c.at < before))).rowcount


async def delete_over(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of sessions that were over before then, with their tokens; return how many."""
    over = func.coalesce(SESSIONS.c.ended_at, SESSIONS.c.expires_at) < before
    return (await connection.execute(batch_of(SESSIONS, over))).rowcount


async def delete_used(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of refresh tokens that were used before then; return how many."""
    return (await connection.execute(batch_of(REFRESH_TOKENS, REFRESH_TOKENS.c.used_at < before))).rowcount
