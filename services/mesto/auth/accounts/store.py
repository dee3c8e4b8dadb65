"""SQL of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from mesto.auth.accounts import rules
from mesto.auth.accounts.records import Account, AccountChanges, NewAccount
from mesto.auth.accounts.tables import ACCOUNTS
from mesto.common.identity import emails
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def find_by_email(connection: AsyncConnection, email: str, *, lock: bool = False) -> Account | None:
    """Return the account of an address, however it is written; None when there is none.

    Accounts without a common form are found by what they are written like; who is written exactly so goes first.
    """
    written = ACCOUNTS.c.email_key.is_(None) & (func.lower(ACCOUNTS.c.email) == func.lower(email))
    statement = select(ACCOUNTS).where((ACCOUNTS.c.email_key == emails.key(email)) | written)
    statement = statement.order_by((ACCOUNTS.c.email == email).desc(), ACCOUNTS.c.email_key).limit(1)
    row = (await connection.execute(statement.with_for_update() if lock else statement)).mappings().first()
    return None if row is None else Account(**row)


async def find(connection: AsyncConnection, account_id: UUID, *, hold: bool = False) -> Account | None:
    """Return an account by its id, None when there is none; ``hold`` keeps it as it is for this transaction."""
    statement = select(ACCOUNTS).where(ACCOUNTS.c.id == account_id)
    row = (await connection.execute(statement.with_for_update(read=True) if hold else statement)).mappings().first()
    return None if row is None else Account(**row)


async def lock(connection: AsyncConnection, account_id: UUID) -> Account | None:
    """Return an account by its id and lock it, None when there is none."""
    statement = select(ACCOUNTS).where(ACCOUNTS.c.id == account_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Account(**row)


async def list_by_id(connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[Account]:
    """Return accounts in order of their ids: after one, or just these."""
    statement = select(ACCOUNTS).order_by(ACCOUNTS.c.id)
    if ids:
        statement = statement.where(ACCOUNTS.c.id.in_(ids))
    else:
        statement = (statement.where(ACCOUNTS.c.id > after) if after else statement).limit(limit)
    return [Account(**row) for row in (await connection.execute(statement)).mappings()]


async def insert_account(connection: AsyncConnection, account: NewAccount) -> Account | None:
    """Return the new account, or None when the address has one already."""
    address = emails.key(account.email) if account.email_verified else None
    values = {**asdict(account), "verified_spans": rules.open_span([], address, datetime.now(UTC))}
    statement = insert(ACCOUNTS).values(values).on_conflict_do_nothing().returning(ACCOUNTS)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Account(**row)


async def update_account(connection: AsyncConnection, account_id: UUID, changes: AccountChanges) -> Account:
    """Return the account after the changes, one revision higher. Which address is verified since when follows."""
    before = await lock(connection, account_id)
    assert before is not None, "whoever changes an account has found it"
    values: dict[str, object] = {name: value for name, value in asdict(changes).items() if value is not None}
    email, verified = values.get("email", before.email), values.get("email_verified", before.email_verified)
    address = emails.key(str(email)) if verified else None
    values["verified_spans"] = rules.change_spans(verified_spans(before), address, datetime.now(UTC))
    if changes.phone is not None:
        values["phone"] = changes.phone or None
    statement = update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(revision=ACCOUNTS.c.revision + 1, **values)
    return Account(**(await connection.execute(statement.returning(ACCOUNTS))).mappings().one())


def verified_spans(account: Account) -> list[rules.VerifiedSpan]:
    """Return which addresses an account has verified when.

    Of what the release before has verified nobody noted the time; it knows no change of address, so the account had it
    from the beginning.
    """
    address = emails.key(account.email) if account.email_verified else None
    return rules.open_span(account.verified_spans, address, account.created_at)
