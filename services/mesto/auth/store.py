"""All SQL of auth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from mesto.auth.tables import accounts, login_failures, occasions, refresh_tokens, sessions, verifications
from mesto.common import emails
from sqlalchemy import Row, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

Account: TypeAlias = Row[*tuple[Any, ...]]  # a row of accounts, or of a join with it


async def account_by_email(connection: AsyncConnection, email: str, *, lock: bool = False) -> Account | None:
    """The account of an address, however it is written.

    Accounts without a common form are found by what they are written like; who is written exactly so goes first.
    """
    written = accounts.c.email_key.is_(None) & (func.lower(accounts.c.email) == func.lower(email))
    statement = select(accounts).where((accounts.c.email_key == emails.key(email)) | written)
    statement = statement.order_by((accounts.c.email == email).desc(), accounts.c.email_key).limit(1)
    found: Account | None = (await connection.execute(statement.with_for_update() if lock else statement)).first()
    return found


async def account(connection: AsyncConnection, account_id: UUID) -> Account | None:
    """An account by its id."""
    found: Account | None = (await connection.execute(select(accounts).where(accounts.c.id == account_id))).first()
    return found


async def accounts_by_id(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID]
) -> Sequence[Account]:
    """Accounts in order of their ids: after one, or just these."""
    statement = select(accounts).order_by(accounts.c.id)
    if ids:
        return (await connection.execute(statement.where(accounts.c.id.in_(ids)))).all()
    statement = statement.where(accounts.c.id > after) if after else statement
    return (await connection.execute(statement.limit(limit))).all()


async def add_account(connection: AsyncConnection, values: dict[str, Any]) -> Account | None:
    """The new account, or None when the address has one already."""
    statement = insert(accounts).values(values).on_conflict_do_nothing().returning(accounts)
    added: Account | None = (await connection.execute(statement)).first()
    return added


async def change_account(connection: AsyncConnection, account_id: UUID, values: dict[str, Any]) -> Account:
    """The account after the change, one revision higher."""
    statement = update(accounts).where(accounts.c.id == account_id).values(revision=accounts.c.revision + 1, **values)
    changed: Account = (await connection.execute(statement.returning(accounts))).one()
    return changed


async def add_session(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """A new session."""
    await connection.execute(insert(sessions).values(values))


async def add_refresh_token(connection: AsyncConnection, digest: bytes, session_id: UUID) -> None:
    """A refresh token's hash."""
    await connection.execute(insert(refresh_tokens).values(hash=digest, session_id=session_id))


async def refresh_token(connection: AsyncConnection, digest: bytes) -> Account | None:
    """The token with its session and account, all locked, so two refreshes of one session come one after the other."""
    statement = (
        select(
            refresh_tokens.c.used_at,
            sessions.c.id.label("session_id"),
            sessions.c.expires_at,
            sessions.c.ended_at,
            accounts.c.id.label("account_id"),
            accounts.c.email,
            accounts.c.email_verified,
            accounts.c.roles,
        )
        .select_from(refresh_tokens.join(sessions).join(accounts))
        .where(refresh_tokens.c.hash == digest)
        .with_for_update(of=[refresh_tokens, sessions])
    )
    return (await connection.execute(statement)).first()


async def use_refresh_token(connection: AsyncConnection, digest: bytes, session_id: UUID, now: datetime) -> None:
    """Mark a token used (its first use counts) and its session alive."""
    unused = (refresh_tokens.c.hash == digest) & refresh_tokens.c.used_at.is_(None)
    await connection.execute(update(refresh_tokens).where(unused).values(used_at=now))
    await connection.execute(update(sessions).where(sessions.c.id == session_id).values(used_at=now))


async def end_session(connection: AsyncConnection, session_id: UUID, now: datetime, because: str) -> None:
    """End a session; its refresh tokens are worth nothing from now on."""
    alive = (sessions.c.id == session_id) & sessions.c.ended_at.is_(None)
    await connection.execute(update(sessions).where(alive).values(ended_at=now, ended_because=because))


async def failures_since(connection: AsyncConnection, subject: str, since: datetime) -> int:
    """How often sign-in failed for a subject since then."""
    statement = select(func.count()).where(login_failures.c.subject == subject, login_failures.c.at >= since)
    return (await connection.execute(statement)).scalar_one()


async def add_failure(connection: AsyncConnection, subject: str, forget_before: datetime) -> None:
    """Note a failed sign-in and forget the old ones of the subject."""
    old = (login_failures.c.subject == subject) & (login_failures.c.at < forget_before)
    await connection.execute(delete(login_failures).where(old))
    await connection.execute(insert(login_failures).values(subject=subject))


async def forget_failures(connection: AsyncConnection, subject: str) -> None:
    """A right password clears the count."""
    await connection.execute(delete(login_failures).where(login_failures.c.subject == subject))


async def add_verification(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """A link that verifies an address."""
    await connection.execute(insert(verifications).values(values))


async def verification(connection: AsyncConnection, digest: bytes) -> Account | None:
    """A link with the ``current_email`` and ``email_verified`` of its account, which is locked: it is used once."""
    columns = (verifications, accounts.c.email.label("current_email"), accounts.c.email_verified)
    statement = select(*columns).select_from(verifications.join(accounts)).where(verifications.c.hash == digest)
    found: Account | None = (await connection.execute(statement.with_for_update())).first()
    return found


async def use_verifications(connection: AsyncConnection, account_id: UUID, now: datetime) -> None:
    """Mark all links of an account used."""
    unused = (verifications.c.account_id == account_id) & verifications.c.used_at.is_(None)
    await connection.execute(update(verifications).where(unused).values(used_at=now))


async def forget_verifications(connection: AsyncConnection, before: datetime) -> None:
    """Forget links that ran out before then."""
    await connection.execute(delete(verifications).where(verifications.c.expires_at < before))


async def count_occasion(
    connection: AsyncConnection, subject: bytes, now: datetime, over: datetime
) -> tuple[int, datetime]:
    """Count one more of a subject; how many, and since when. What began before ``over`` begins anew."""
    statement = insert(occasions).values(subject=subject, since=now, count=1)
    past = occasions.c.since <= over
    anew = {
        "count": case((past, 1), else_=occasions.c["count"] + 1),
        "since": case((past, statement.excluded.since), else_=occasions.c.since),
    }
    statement = statement.on_conflict_do_update(index_elements=[occasions.c.subject], set_=anew)
    count, since = (await connection.execute(statement.returning(occasions.c["count"], occasions.c.since))).one()
    return count, since


async def forget_occasions(connection: AsyncConnection, before: datetime) -> None:
    """Forget counts that began before then."""
    await connection.execute(delete(occasions).where(occasions.c.since < before))
