"""One's own account: what its holder changes of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from mesto.auth.accounts import rules
from mesto.auth.accounts.records import Account, AccountChanges
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.email_change.service import EmailChange
from mesto.auth.links.rules import OF_A_SESSION
from mesto.auth.links.service import Links
from mesto.auth.passwords.service import Passwords
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.security_notices.service import notify
from mesto.auth.sessions.service import Sessions
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found

log = structlog.get_logger(__name__)
TRIES, TRIES_SPAN = 10, timedelta(minutes=15)
"""Current passwords that one session may try: who has taken one over must not guess the password by it."""


class Profiles:
    """What people see and change of themselves."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        passwords: Passwords,
        links: Links,
        sessions: Sessions,
        email_change: EmailChange,
        rate_limits: RateLimits,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.accounts, self.passwords, self.links = database, accounts, passwords, links
        self.sessions, self.email_change = sessions, email_change
        self.rate_limits, self.security_log = rate_limits, security_log

    async def get(self, account_id: UUID) -> tuple[Account, str | None]:
        """Return an account and the address that it is to have once it is confirmed. Raises Problem 404."""
        return await self.accounts.get(account_id), await self.email_change.pending(account_id)

    async def edit(
        self, account_id: UUID, *, name: str | None, phone: str | None, locale: str | None, client: Client
    ) -> tuple[Account, str | None]:
        """Change what is given (an empty phone removes it); return as `get`. Raises Problem 422 for an unfit name."""
        unfitness = None if name is None else rules.name_problem(name)
        if unfitness:
            raise Problem(422, "unfit-name", unfitness, errors=[FieldError(field="name", message=unfitness)])
        async with self.database.transaction() as connection:
            account = await self.accounts.lock(connection, account_id)
            if account is None:
                raise not_found("This account")
            changes = AccountChanges(
                name=None if name == account.name else name,
                phone=None if phone == (account.phone or "") else phone,
                locale=None if locale == account.locale else locale,
            )
            if changes != AccountChanges():
                if changes.phone is not None:
                    await self.security_log.record(connection, "phone_changed", account_id, client=client)
                account = await self.accounts.update(connection, account_id, changes)
        return account, await self.email_change.pending(account_id)

    async def change_password(self, account_id: UUID, session_id: UUID, current: str, new: str, client: Client) -> None:
        """Set a new password; all sessions but this one end, and its holder is told.

        Raises Problem 422 for a wrong current password or a weak new one, 429 after too many tries of the session.
        """
        wait = await self.rate_limits.wait("password", str(session_id), TRIES, TRIES_SPAN)
        if wait:
            detail = "Too many wrong passwords. Try again later."
            raise Problem(429, "too-many-attempts", detail, headers={"Retry-After": str(wait)})
        account, turn = await self.accounts.get(account_id), network(client.address)
        if not await self.passwords.check(account.password_hash, current, turn):
            raise _wrong_password()
        weakness = await self.passwords.problem(new, [account.name, account.email], turn)
        if weakness:
            raise Problem(422, "weak-password", weakness, errors=[FieldError(field="new", message=weakness)])
        hashed = await self.passwords.hash(new, turn)
        async with self.database.transaction() as connection:
            locked = await self.accounts.lock(connection, account_id)
            if locked is None or locked.password_hash != account.password_hash:
                raise _wrong_password()  # another one has been set meanwhile
            await self.accounts.update(connection, account_id, AccountChanges(password_hash=hashed))
            await self.links.end(connection, account_id, OF_A_SESSION)
            await self.sessions.end_all(connection, account_id, "password changed", except_session=session_id)
            await self.security_log.record(connection, "password_changed", account_id, client=client)
            await notify(connection, account_id, "password_changed")
        log.info("password_changed", user_id=str(account_id))


def _wrong_password() -> Problem:
    message = "This is not the current password."
    return Problem(422, "wrong-password", message, errors=[FieldError(field="current", message=message)])
