"""Proving that an account's address is its holder's: a link by mail, used once, on whatever device."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import structlog
from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.keys.rules import digest
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.tables import OUTBOX
from mesto.auth.verification import store
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import UserVerificationRequested
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MAILS_OF_ADDRESS = 5
"""Links that are sent again to one address in an hour."""
KEPT = timedelta(days=7)
"""So long a link that has run out is told apart from one that never was."""
TIDY_SECONDS = 3600.0


class Verification:
    """Links that verify addresses."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        rate_limits: RateLimits,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.configuration = database, configuration
        self.accounts, self.rate_limits, self.security_log = accounts, rate_limits, security_log

    async def request(self, connection: AsyncConnection, account: Account) -> None:
        """Have a link sent to an account's address. The token leaves by the event alone; here only its hash stays."""
        token = secrets.token_urlsafe(32)
        expires = datetime.now(UTC) + timedelta(hours=self.configuration.policy.verification_hours)
        await store.insert_link(connection, digest(token), account.id, account.email, expires)
        asked = UserVerificationRequested(user_id=account.id, token=token, expires_at=expires)
        await record(connection, OUTBOX, [asked])

    async def resend(self, email: str, address: str) -> None:
        """Send another link to who has none that works. The answer does not tell whether one was sent."""
        policy, key = self.configuration.policy, emails.key(email)
        waits = [await self.rate_limits.wait("verify", network(address), policy.verification_mails_per_hour)]
        if key is not None:
            waits.append(await self.rate_limits.wait("verify", key, MAILS_OF_ADDRESS))
        if key is None or any(waits):
            return
        async with self.database.transaction() as connection:
            account = await self.accounts.find_by_email(connection, email.strip(), lock=True)
            if account is not None and not account.email_verified:
                await self.request(connection, account)

    async def verify(self, token: str, client: Client) -> None:
        """Verify the address of the token's account. Raises Problem 404 or 410 for a link that does not work."""
        now = datetime.now(UTC)
        async with self.database.transaction() as connection:
            link = await store.find(connection, digest(token))
            if link is None:
                raise Problem(404, "link-unknown", "This link is not one of ours. Open it as it stands in the mail.")
            if link.used_at is not None:
                raise Problem(410, "link-used", "This link has been used already. The address is verified.")
            if link.expires_at <= now or link.email != link.current_email:
                raise Problem(410, "link-expired", "This link works no more. Ask for a new one.")
            await store.use_all(connection, link.account_id, now)
            if not link.email_verified:
                await self.accounts.verify_email(connection, link.account_id)
                await self.security_log.record(connection, "verified", link.account_id, client=client)
        log.info("address_verified", user_id=str(link.account_id))

    async def run(self) -> None:
        """Forget what is over, every hour, until cancelled."""
        while True:
            try:
                await self.tidy()
            except Exception as error:
                log.warning("tidying_failed", error=repr(error))
            await asyncio.sleep(TIDY_SECONDS)

    async def tidy(self) -> None:
        """Forget links that ran out a week ago, and counts that are too old to count."""
        async with self.database.transaction() as connection:
            await store.delete_expired(connection, datetime.now(UTC) - KEPT)
        await self.rate_limits.prune()
