"""Roles that accounts come to without a person deciding it: by their own wish, or because a space is theirs."""

from __future__ import annotations

from uuid import UUID

from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.security_log.rules import Details
from mesto.common.errors import email_unverified, not_found
from mesto.contracts.events import SpaceClaimed

OWNER = "owner"


class Roles:
    """The role shows the owners' pages; the rights to a space follow from its ``owner_id`` alone."""

    def __init__(self, accounts: Accounts) -> None:
        self.database, self.accounts = accounts.database, accounts

    async def take(self, account_id: UUID, role: str, client: Client) -> Account:
        """Give an account a role at its holder's wish, once. Raises Problem 404, 403 for an address not verified."""
        async with self.database.transaction() as connection:
            account = await self.accounts.lock(connection, account_id)
            if account is None:
                raise not_found("This account")
            if not account.email_verified:
                raise email_unverified()
            return await self.accounts.add_role(connection, account, role, {"method": "self"}, client)

    async def space_claimed(self, event: SpaceClaimed) -> None:
        """Make an owner of whom a declared space belongs to now; nothing for an account that is gone."""
        async with self.database.transaction() as connection:
            account = await self.accounts.lock(connection, event.owner_id)
            if account is not None:
                how: Details = {"method": "space_claimed", "space": str(event.space_id)}
                await self.accounts.add_role(connection, account, OWNER, how)
