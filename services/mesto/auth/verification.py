"""Proving that an account's address is its holder's: a link by mail, used once, on whatever device."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import structlog
from mesto.auth import store
from mesto.auth.occasions import Occasions, network
from mesto.auth.store import Account
from mesto.auth.tables import OUTBOX
from mesto.common import emails
from mesto.common.configuration import Configuration
from mesto.common.db import Database
from mesto.common.errors import Problem
from mesto.common.outbox import record
from mesto.contracts.events import UserChanged, UserVerificationRequested
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MAILS_OF_ADDRESS = 5
"""Links that are sent again to one address in an hour."""
KEPT = timedelta(days=7)
"""So long a link that has run out is told apart from one that never was."""
TIDY_SECONDS = 3600.0


def digest(token: str) -> bytes:
    """What is kept of a token that somebody else carries."""
    return hashlib.sha256(token.encode()).digest()


def changed(account: Account) -> UserChanged:
    """The event that tells an account's state."""
    return UserChanged(
        user_id=account.id,
        revision=account.revision,
        email=account.email,
        email_verified=account.email_verified,
        name=account.name,
        phone=account.phone,
        locale=account.locale,
        roles=account.roles,
    )


class Verification:
    """Links that verify addresses."""

    def __init__(self, database: Database, configuration: Configuration[AuthPolicy]) -> None:
        self.database, self.configuration, self.occasions = database, configuration, Occasions(database)

    async def request(self, connection: AsyncConnection, account: Account) -> None:
        """Have a link sent to an account's address. The token leaves by the event alone; here only its hash stays."""
        token = secrets.token_urlsafe(32)
        expires = datetime.now(UTC) + timedelta(hours=self.configuration.policy.verification_hours)
        values = {"hash": digest(token), "account_id": account.id, "email": account.email, "expires_at": expires}
        await store.add_verification(connection, values)
        asked = UserVerificationRequested(user_id=account.id, token=token, expires_at=expires)
        await record(connection, OUTBOX, [asked])

    async def again(self, email: str, address: str) -> None:
        """Another link for who has none that works. The answer does not tell whether one was sent."""
        policy, key = self.configuration.policy, emails.key(email)
        waits = [await self.occasions.wait("verify", network(address), policy.verification_mails_per_hour)]
        if key is not None:
            waits.append(await self.occasions.wait("verify", key, MAILS_OF_ADDRESS))
        if key is None or any(waits):
            return
        async with self.database.transaction() as connection:
            account = await store.account_by_email(connection, email.strip(), lock=True)
            if account is not None and not account.email_verified:
                await self.request(connection, account)

    async def verify(self, token: str) -> None:
        """The address of the token's account is verified. Raises Problem 404 or 410 for a link that does not work."""
        now = datetime.now(UTC)
        async with self.database.transaction() as connection:
            found = await store.verification(connection, digest(token))
            if found is None:
                raise Problem(404, "link-unknown", "This link is not one of ours. Open it as it stands in the mail.")
            if found.used_at is not None:
                raise Problem(410, "link-used", "This link has been used already. The address is verified.")
            if found.expires_at <= now or found.email != found.current_email:
                raise Problem(410, "link-expired", "This link works no more. Ask for a new one.")
            await store.use_verifications(connection, found.account_id, now)
            if not found.email_verified:
                account = await store.change_account(connection, found.account_id, {"email_verified": True})
                await record(connection, OUTBOX, [changed(account)])
        log.info("address_verified", user_id=str(found.account_id))

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
            await store.forget_verifications(connection, datetime.now(UTC) - KEPT)
        await self.occasions.prune()
