"""Known devices: where somebody was signed in once, they cannot be locked out by who guesses elsewhere."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mesto.auth.keys.rules import digest
from mesto.auth.known_devices import store
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT = timedelta(days=365)
"""So long a device is known that is not used."""
PEOPLE = 10
"""How many people share a device, so that all of them pass."""
NOBODY = UUID(int=0)


class KnownDevices:
    """Devices by a token in their cookie, of which only a hash is kept, with the accounts that it is known to."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def knows(self, connection: AsyncConnection, account_id: UUID | None, token: str | None) -> bool:
        """Return whether an account was signed in on the device of a token; for no account it takes as long."""
        return bool(token) and await store.exists(connection, digest(token or ""), account_id or NOBODY)

    async def remember(self, connection: AsyncConnection, account_id: UUID, token: str | None) -> str:
        """Note that an account is signed in on a device; return the token that the device keeps from now on.

        A token that the account does not know is replaced: whoever planted it would be taken for that device. Others
        who were signed in on the device stay known there.
        """
        if token and await store.mark_used(connection, digest(token), account_id, datetime.now(UTC)):
            return token
        new = secrets.token_urlsafe(32)
        await store.insert_device(connection, digest(new), account_id)
        if token:
            await store.copy_accounts(connection, digest(token), digest(new), account_id, PEOPLE - 1)
        return new

    async def replace_all(self, connection: AsyncConnection, account_id: UUID, token: str | None) -> str:
        """Let an account know the device of a token alone, for whoever had its password may have had another.

        Returns the token that the device keeps from now on.
        """
        kept = await self.remember(connection, account_id, token)
        await store.delete_others(connection, digest(kept), account_id)
        return kept

    async def prune(self) -> int:
        """Forget devices that were not used for a year; return how many."""
        before = datetime.now(UTC) - KEPT
        return await delete_batches(self.database, lambda connection: store.delete_unused(connection, before))
