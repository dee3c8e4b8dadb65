"""Links by mail: used once, on whatever device, for one purpose, until they run out."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.keys.rules import digest
from mesto.auth.links import store
from mesto.auth.links.records import Link
from mesto.auth.links.rules import Purpose
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from mesto.common.errors import Problem
from mesto.common.identity import emails
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT = timedelta(days=7)
"""So long a link that has run out is told apart from one that never was."""


@dataclass(frozen=True)
class MadeLink:
    """A link as it leaves by an event; only the hash of its token is kept here."""

    token: str
    expires_at: datetime


class Links:
    """Links that are mailed to people, by their accounts."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts

    async def make(
        self, connection: AsyncConnection, purpose: Purpose, account_id: UUID, email: str, lasts: timedelta
    ) -> MadeLink:
        """Return a new link that is mailed to an address."""
        link = MadeLink(secrets.token_urlsafe(32), datetime.now(UTC) + lasts)
        await store.insert_link(
            connection,
            digest(link.token),
            purpose,
            account_id,
            email=email,
            email_key=emails.key(email),
            expires_at=link.expires_at,
        )
        return link

    async def check(self, connection: AsyncConnection, purpose: Purpose, token: str) -> Link:
        """Return the link of a token as it stands. Raises Problem 404 or 410 for one that does not work."""
        link = await store.find(connection, digest(token), purpose)
        if link is None:
            raise _unknown()
        if link.used_at is not None:
            raise Problem(410, "link-used", "This link has been used already, or another one has taken its place.")
        if link.expires_at <= datetime.now(UTC):
            raise expired()
        return link

    async def open(self, connection: AsyncConnection, purpose: Purpose, token: str) -> tuple[Link, Account]:
        """Return the link of a token with its account, which is locked: of two who open it at once, one waits.

        Raises Problem 404 or 410 for a link that does not work. Mark it used, with the others that it ends, by `end`.
        """
        found = await store.find(connection, digest(token), purpose)
        # The account before the link: who opens two links of one account at once must not wait for themselves.
        account = await self.accounts.lock(connection, found.account_id) if found is not None else None
        if account is None:
            raise _unknown()
        return await self.check(connection, purpose, token), account

    async def end(
        self,
        connection: AsyncConnection,
        account_id: UUID,
        purposes: Collection[Purpose],
        *,
        since: datetime | None = None,
    ) -> None:
        """Have the links of an account for these purposes work no more: all, or those that were made since then."""
        await store.use_all(connection, account_id, purposes, datetime.now(UTC), since=since)

    async def newest(self, connection: AsyncConnection, account_id: UUID, purpose: Purpose) -> Link | None:
        """Return the youngest link of an account that works for a purpose, None when there is none."""
        return await store.newest(connection, account_id, purpose, datetime.now(UTC))

    async def is_reserved(self, connection: AsyncConnection, email: str, account_id: UUID | None = None) -> bool:
        """Return whether an address is kept for an account (but this one) whose holder may take it back.

        Were it free, a thief could make another account of it, and nothing could be undone.
        """
        key = emails.key(email)
        return key is not None and await store.is_reserved(connection, key, account_id, datetime.now(UTC))


class PastLinks:
    """Links that ran out; the worker forgets them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def prune(self) -> int:
        """Forget links that ran out a week ago; return how many."""
        before = datetime.now(UTC) - KEPT
        return await delete_batches(self.database, lambda connection: store.delete_expired(connection, before))


def expired() -> Problem:
    """Return a 410 for a link that was good once."""
    return Problem(410, "link-expired", "This link works no more. Ask for a new one.")


def _unknown() -> Problem:
    return Problem(404, "link-unknown", "This link is not one of ours. Open it as it stands in the mail.")
