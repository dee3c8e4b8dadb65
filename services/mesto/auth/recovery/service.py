"""A forgotten password: a link by mail sets a new one, and whoever was in the account is out."""

from __future__ import annotations

from datetime import timedelta

import structlog
from mesto.auth.accounts.records import Account, AccountChanges
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.known_devices.service import KnownDevices
from mesto.auth.links.rules import OF_A_SESSION, Purpose
from mesto.auth.links.service import Links, expired
from mesto.auth.passwords.service import Passwords
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.security_notices.service import notify
from mesto.auth.sessions.service import Sessions
from mesto.auth.tables import OUTBOX
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import UserRecoveryRequested
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MAILS_OF_ADDRESS = 5
"""Links that are sent to one address in an hour; each works, so nobody can keep its holder out by asking for more."""


class Recovery:
    """How somebody gets into an account without its password: by reading its mails."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        passwords: Passwords,
        links: Links,
        sessions: Sessions,
        rate_limits: RateLimits,
        security_log: SecurityLog,
        known_devices: KnownDevices,
    ) -> None:
        self.database, self.configuration, self.accounts = database, configuration, accounts
        self.passwords, self.links, self.sessions = passwords, links, sessions
        self.rate_limits, self.security_log, self.known_devices = rate_limits, security_log, known_devices

    async def may_ask(self, email: str, address: str) -> bool:
        """Count one more who asks for a link; return whether one may be sent, if anybody has the e-mail."""
        policy, key = self.configuration.policy, emails.key(email)
        waits = [await self.rate_limits.wait("recover", network(address), policy.verification_mails_per_hour)]
        if key is not None:
            waits.append(await self.rate_limits.wait("recover", key, MAILS_OF_ADDRESS))
        return key is not None and not any(waits)

    async def send(self, email: str, client: Client) -> None:
        """Send a link to who has an address, if anybody has, after the answer: what goes wrong is logged."""
        try:
            async with self.database.transaction() as connection:
                account = await self.accounts.find_by_email(connection, email.strip(), lock=True)
                who = account.id if account is not None else None
                await self.security_log.record(connection, "recovery_requested", who, client=client)
                if account is not None:
                    await self.request(connection, account)
        except Exception as error:
            log.error("recovery_not_sent", error=repr(error))

    async def request(self, connection: AsyncConnection, account: Account) -> None:
        """Have a link sent that sets a new password."""
        lasts = timedelta(minutes=self.configuration.policy.recovery_minutes)
        link = await self.links.make(connection, Purpose.RECOVER, account.id, account.email, lasts)
        asked = UserRecoveryRequested(user_id=account.id, token=link.token, expires_at=link.expires_at)
        await record(connection, OUTBOX, [asked])

    async def confirm(self, token: str, password: str, client: Client, device: str | None = None) -> str:
        """Set the password of a link's account; return the token of the device, the only one that it knows now.

        Raises Problem 404 or 410 for a link that does not work, and 422 for a weak password, which does not use it up.
        """
        async with self.database.read() as connection:
            link = await self.links.check(connection, Purpose.RECOVER, token)
        account = await self.accounts.get(link.account_id)
        turn = network(client.address)
        weakness = await self.passwords.problem(password, [account.name, account.email], turn)
        if weakness:
            raise Problem(422, "weak-password", weakness, errors=[FieldError(field="password", message=weakness)])
        hashed = await self.passwords.hash(password, turn)
        async with self.database.transaction() as connection:
            link, account = await self.links.open(connection, Purpose.RECOVER, token)
            if link.email != account.email:
                raise expired()
            await self.links.end(connection, account.id, OF_A_SESSION | {Purpose.VERIFY})
            changes = AccountChanges(password_hash=hashed, email_verified=True)
            await self.accounts.update(connection, account.id, changes)
            await self.sessions.end_all(connection, account.id, "password recovered")
            device_token = await self.known_devices.replace_all(connection, account.id, device)
            await self.security_log.record(connection, "recovered", account.id, client=client)
            await notify(connection, account.id, "password_recovered")
        log.info("password_recovered", user_id=str(account.id))
        return device_token
