"""Another address for an account: confirmed by who reads its mails, told to the former one, which can take it back."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

import structlog
from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.email_domains.service import check_domain
from mesto.auth.links.rules import Purpose
from mesto.auth.links.service import Links
from mesto.auth.passwords.service import Passwords
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.recovery.service import Recovery
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.security_notices.service import notify
from mesto.auth.sessions.service import Sessions
from mesto.auth.tables import OUTBOX
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import UserEmailChangeRequested
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
OF_ACCOUNT, OF_ADDRESS = 5, 5
"""Changes that an account may ask for in an hour, and mails that one address gets because of any of them."""


class EmailChange:
    """How an account gets another address, and its former one back."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        passwords: Passwords,
        links: Links,
        sessions: Sessions,
        recovery: Recovery,
        rate_limits: RateLimits,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.configuration, self.accounts, self.passwords = database, configuration, accounts, passwords
        self.links, self.sessions, self.recovery = links, sessions, recovery
        self.rate_limits, self.security_log = rate_limits, security_log

    async def request(self, account_id: UUID, email: str, client: Client) -> None:
        """Have a link sent to the new address; of several that are asked for, the last one counts.

        Where somebody else has the address, all is done but for the mail: its holder gets another one. Raises
        Problem 422 for an address that will not do and 429 after too many.
        """
        check_domain(email, self.configuration.policy)
        mail = await self._may_mail(account_id, email, client.address)
        async with self.database.transaction() as connection:
            account = await self.accounts.lock(connection, account_id)
            if account is None:
                raise not_found("This account")
            if emails.same(email, account.email):
                message = "This is the account's address already."
                raise Problem(422, "same-email", message, errors=[FieldError(field="email", message=message)])
            await self.links.end(connection, account.id, [Purpose.EMAIL_CHANGE])
            lasts = timedelta(hours=self.configuration.policy.verification_hours)
            link = await self.links.make(connection, Purpose.EMAIL_CHANGE, account.id, email, lasts)
            await self.security_log.record(connection, "email_change_requested", account.id, client=client)
            holder = await self.accounts.find_by_email(connection, email)
            if mail and holder is not None:
                await notify(connection, holder.id, "address_taken")
            elif mail:
                asked = UserEmailChangeRequested(
                    user_id=account.id, email=email, token=link.token, expires_at=link.expires_at
                )
                await record(connection, OUTBOX, [asked])

    async def _may_mail(self, account_id: UUID, email: str, address: str) -> bool:
        """Count one more change; return whether the address may get one more mail. Raises Problem 429."""
        policy = self.configuration.policy
        waits = [
            await self.rate_limits.wait("email-change", str(account_id), OF_ACCOUNT),
            await self.rate_limits.wait("email-change", network(address), policy.verification_mails_per_hour),
        ]
        if any(waits):
            detail = "Too many changes of the address were asked for. Try again later."
            raise Problem(429, "too-many-changes", detail, headers={"Retry-After": str(max(waits))})
        return not await self.rate_limits.wait("email-change-to", emails.key(email) or email, OF_ADDRESS)

    async def pending(self, account_id: UUID) -> str | None:
        """Return the address that waits for its confirmation, None when none does."""
        async with self.database.read() as connection:
            link = await self.links.newest(connection, account_id, Purpose.EMAIL_CHANGE)
        return None if link is None else link.email

    async def withdraw(self, account_id: UUID) -> None:
        """Take a pending change back."""
        async with self.database.transaction() as connection:
            await self.links.end(connection, account_id, [Purpose.EMAIL_CHANGE])

    async def confirm(self, token: str, client: Client) -> None:
        """Give the account of a link its new address, verified.

        Raises Problem 404 or 410 for a link that does not work, and 409 when somebody has got the address meanwhile.
        """
        async with self.database.transaction() as connection:
            link, account = await self.links.open(connection, Purpose.EMAIL_CHANGE, token)
            changed = await self.accounts.change_email(connection, account.id, link.email)
            if changed is None or await self.links.is_reserved(connection, link.email, account.id):
                raise _taken()
            outstanding = (Purpose.VERIFY, Purpose.RECOVER, Purpose.EMAIL_CHANGE)
            await self.links.end(connection, account.id, outstanding)
            await self.security_log.record(connection, "email_changed", account.id, client=client)
            # Whoever never proved that the former address is theirs may have mistyped it: a stranger reads its mails.
            if account.email_verified:
                await self._tell_former_address(connection, account)
        log.info("email_changed", user_id=str(account.id))

    async def _tell_former_address(self, connection: AsyncConnection, account: Account) -> None:
        lasts = timedelta(hours=self.configuration.policy.email_undo_hours)
        undo = await self.links.make(connection, Purpose.EMAIL_UNDO, account.id, account.email, lasts)
        await notify(
            connection,
            account.id,
            "email_changed",
            to=account.email,
            token=undo.token,
            expires_at=undo.expires_at,
        )

    async def undo(self, token: str, client: Client) -> None:
        """Give the account of a link its former address back; only who reads its mails gets in again.

        Raises Problem 404 or 410 for a link that does not work, and 409 when another account has got the address.
        """
        async with self.database.read() as connection:
            await self.links.check(connection, Purpose.EMAIL_UNDO, token)
        # Whoever has changed the address knew the password.
        unknown = await self.passwords.hash(secrets.token_urlsafe(32), network(client.address))
        async with self.database.transaction() as connection:
            link, account = await self.links.open(connection, Purpose.EMAIL_UNDO, token)
            changed = await self.accounts.change_email(connection, account.id, link.email, password_hash=unknown)
            if changed is None:
                raise _taken()
            await self.links.end(connection, account.id, set(Purpose) - {Purpose.EMAIL_UNDO})
            # Not those of changes before: of two in a row, the first one's holder has the last word.
            await self.links.end(connection, account.id, [Purpose.EMAIL_UNDO], since=link.created_at)
            await self.sessions.end_all(connection, account.id, "change of the address undone")
            await self.security_log.record(connection, "email_change_undone", account.id, client=client)
            await self.recovery.request(connection, changed)
        log.info("email_change_undone", user_id=str(account.id))


def _taken() -> Problem:
    return Problem(409, "email-taken", "Another account has this address.")
