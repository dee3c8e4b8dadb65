"""Accounts: who can sign in, and what they may do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from mesto.auth.accounts import store
from mesto.auth.accounts.records import Account, AccountChanges, NewAccount
from mesto.auth.client import Client
from mesto.auth.passwords.service import Passwords
from mesto.auth.security_log.records import Entry
from mesto.auth.security_log.rules import Details, Kind
from mesto.auth.security_log.service import NOBODY, SecurityLog
from mesto.auth.tables import OUTBOX
from mesto.auth.withdrawals.service import TokenWithdrawals
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, not_found, unauthorized
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.contracts.events import UserChanged, VerifiedAddress
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

TOOLS = "tools"
"""Whose turn the platform's own tools take: no network's."""


class Accounts:
    """Accounts; each change of one is told by an event."""

    def __init__(
        self, database: Database, passwords: Passwords, security_log: SecurityLog, withdrawals: TokenWithdrawals
    ) -> None:
        self.database, self.passwords = database, passwords
        self.security_log, self.withdrawals = security_log, withdrawals

    async def get(self, account_id: UUID) -> Account:
        """Return an account by id. Raises Problem 404."""
        async with self.database.read() as connection:
            found = await store.find(connection, account_id)
        if found is None:
            raise not_found("This account")
        return found

    async def lock(self, connection: AsyncConnection, account_id: UUID) -> Account | None:
        """Return an account by id, locked for the caller's transaction; None when there is none."""
        return await store.lock(connection, account_id)

    async def hold(self, connection: AsyncConnection, account_id: UUID) -> Account:
        """Return an account that nobody changes before this transaction ends, so that a token tells what is true.

        Raises Problem 401 when it is gone.
        """
        found = await store.find(connection, account_id, hold=True)
        if found is None:
            raise unauthorized("This account is gone.")
        return found

    async def find_by_email(self, connection: AsyncConnection, email: str, *, lock: bool = False) -> Account | None:
        """Return the account of an address, however it is written; None when there is none."""
        return await store.find_by_email(connection, email, lock=lock)

    async def snapshot(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[UserChanged]:
        """Return accounts as their last events told them, by id: after one, or just these."""
        async with self.database.read() as connection:
            return [_changed(account) for account in await store.list_by_id(connection, after, limit, ids)]

    async def security_entries(self, email: str | None, since: datetime | None, limit: int) -> list[Entry]:
        """Return the latest entries of the security log: of everybody, or of whoever has an e-mail.

        Raises Problem 404 when nobody has it.
        """
        account_id = None
        if email is not None:
            async with self.database.read() as connection:
                found = await store.find_by_email(connection, email)
            if found is None:
                raise not_found(f"An account with the e-mail {email}")
            account_id = found.id
        return await self.security_log.latest(account_id, since, limit)

    async def create(self, connection: AsyncConnection, account: NewAccount) -> Account | None:
        """Make an account; None when the address has one already."""
        made = await store.insert_account(connection, account)
        if made is not None:
            await record(connection, OUTBOX, [_changed(made)])
        return made

    async def verify_email(self, connection: AsyncConnection, account_id: UUID) -> None:
        """Note that the address of an account is its holder's."""
        await self.update(connection, account_id, AccountChanges(email_verified=True))

    async def add_role(
        self, connection: AsyncConnection, account: Account, role: str, details: Details, client: Client = NOBODY
    ) -> Account:
        """Give a locked account a role, once; return it as it is then. ``details`` say how it came to it."""
        if role in account.roles:
            return account
        said: Details = {**details, "role": role}
        await self.security_log.record(connection, "role_granted", account.id, client=client, details=said)
        return await self.update(connection, account.id, AccountChanges(roles=[*account.roles, role]))

    async def change_email(
        self, connection: AsyncConnection, account_id: UUID, email: str, *, password_hash: str | None = None
    ) -> Account | None:
        """Give an account another address, which is its holder's, and maybe a password; None when it is taken."""
        changes = AccountChanges(
            email=email, email_key=emails.key(email), email_verified=True, password_hash=password_hash
        )
        try:
            async with connection.begin_nested():
                return await self.update(connection, account_id, changes)
        except IntegrityError:
            return None

    async def grant(self, email: str, role: str) -> Account:
        """Give a role, once. Raises Problem 404 when nobody has this address."""
        async with self.database.transaction() as connection:
            found = await store.find_by_email(connection, email, lock=True)
            if found is None:
                raise not_found(f"An account with the e-mail {email}")
            return await self.add_role(connection, found, role, {"method": TOOLS})

    async def ensure(
        self, *, email: str, password: str, name: str, role: str, verified: bool, locale: str, replace: bool
    ) -> Account:
        """Return an account with this password, this role and, where asked for, a verified address: for our own tools.

        One that is there with this password is given what it lacks. With ``replace`` one with another password becomes
        as described; without, Problem 409 is raised and nothing is changed: whoever mistypes an address must not take
        somebody's account.
        """
        async with self.database.read() as connection:
            existing = await store.find_by_email(connection, email)
        if existing is not None and await self.passwords.check(existing.password_hash, password, TOOLS):
            return await self._complete(email, role, verified)
        hashed = await self.passwords.hash(password, TOOLS)
        async with self.database.transaction() as connection:
            found = await store.find_by_email(connection, email, lock=True)
            if found is None:
                new = NewAccount(
                    uuid4(), email, emails.key(email), name, None, locale, [role], hashed, email_verified=verified
                )
                made = await self.create(connection, new)
                assert made is not None, "the address was free a moment ago; try again"
                await self.security_log.record(connection, "registered", made.id, details={"method": TOOLS})
                return made
            if replace:
                await self.security_log.record(connection, "password_changed", found.id, details={"method": TOOLS})
                changes = AccountChanges(name, None, verified, locale, hashed)
                return await self._change_roles(connection, found, [role], changes)
        raise Problem(
            409, "account-differs", f"There is an account of {email} with another password. Nothing was changed."
        )

    async def _complete(self, email: str, role: str, verified: bool) -> Account:
        async with self.database.transaction() as connection:
            found = await store.find_by_email(connection, email, lock=True)
            if found is None:
                raise not_found(f"An account with the e-mail {email}")
            roles = found.roles if role in found.roles else [*found.roles, role]
            changes = AccountChanges(email_verified=True if verified and not found.email_verified else None)
            if roles == found.roles and changes == AccountChanges():
                return found
            if changes.email_verified:
                await self.security_log.record(connection, "verified", found.id, details={"method": TOOLS})
            return await self._change_roles(connection, found, roles, changes)

    async def _change_roles(
        self, connection: AsyncConnection, account: Account, roles: list[str], changes: AccountChanges | None = None
    ) -> Account:
        """Give an account just these roles, and what else is to be changed: an act of the platform's own tools."""
        for role in sorted({*roles} ^ {*account.roles}):
            kind: Kind = "role_granted" if role in roles else "role_removed"
            await self.security_log.record(connection, kind, account.id, details={"role": role, "method": TOOLS})
        return await self.update(connection, account.id, dataclasses.replace(changes or AccountChanges(), roles=roles))

    async def update(self, connection: AsyncConnection, account_id: UUID, changes: AccountChanges) -> Account:
        """Return an account after changes."""
        account = await store.update_account(connection, account_id, changes)
        if changes.roles is not None or changes.email_verified is not None:
            await self.withdrawals.withdraw(connection, [account_id])  # the next tokens say it
        await record(connection, OUTBOX, [_changed(account)])
        return account


def _changed(account: Account) -> UserChanged:
    return UserChanged(
        user_id=account.id,
        revision=account.revision,
        email=account.email,
        email_verified=account.email_verified,
        name=account.name,
        phone=account.phone,
        locale=account.locale,
        roles=account.roles,
        verified_addresses=[VerifiedAddress.model_validate(span) for span in store.verified_spans(account)],
    )
