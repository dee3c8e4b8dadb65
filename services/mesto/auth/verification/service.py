"""Proving that an account's address is its holder's: a link by mail, used once, on whatever device."""

from __future__ import annotations

from datetime import timedelta

import structlog
from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.links.rules import Purpose
from mesto.auth.links.service import Links, expired
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.tables import OUTBOX
from mesto.common.database.engine import Database
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import UserVerificationRequested
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MAILS_OF_ADDRESS = 5
"""Links that are sent again to one address in an hour."""


class Verification:
    """Links that verify addresses."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        links: Links,
        rate_limits: RateLimits,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.configuration = database, configuration
        self.accounts, self.links, self.rate_limits, self.security_log = accounts, links, rate_limits, security_log

    async def request(self, connection: AsyncConnection, account: Account) -> None:
        """Have a link sent to an account's address. The token leaves by the event alone; here only its hash stays."""
        lasts = timedelta(hours=self.configuration.policy.verification_hours)
        link = await self.links.make(connection, Purpose.VERIFY, account.id, account.email, lasts)
        asked = UserVerificationRequested(user_id=account.id, token=link.token, expires_at=link.expires_at)
        await record(connection, OUTBOX, [asked])

    async def may_ask(self, email: str, address: str) -> bool:
        """Count one more who asks for another link; return whether one may be sent, if an account waits for it."""
        policy, key = self.configuration.policy, emails.key(email)
        waits = [await self.rate_limits.wait("verify", network(address), policy.verification_mails_per_hour)]
        if key is not None:
            waits.append(await self.rate_limits.wait("verify", key, MAILS_OF_ADDRESS))
        return key is not None and not any(waits)

    async def send(self, email: str) -> None:
        """Send another link to who waits for one, after the answer: what goes wrong is logged."""
        try:
            async with self.database.transaction() as connection:
                account = await self.accounts.find_by_email(connection, email.strip(), lock=True)
                if account is not None and not account.email_verified:
                    await self.request(connection, account)
        except Exception as error:
            log.error("link_not_sent", error=repr(error))

    async def verify(self, token: str, client: Client) -> None:
        """Verify the address of the token's account. Raises Problem 404 or 410 for a link that does not work."""
        async with self.database.transaction() as connection:
            link, account = await self.links.open(connection, Purpose.VERIFY, token)
            if link.email != account.email:
                raise expired()
            await self.links.end(connection, account.id, [Purpose.VERIFY])
            if not account.email_verified:
                await self.accounts.verify_email(connection, account.id)
                await self.security_log.record(connection, "verified", account.id, client=client)
        log.info("address_verified", user_id=str(account.id))
