"""Sessions: signing in, the tokens of a session one after the other, signing out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.keys.rules import digest
from mesto.auth.keys.service import SigningKeys
from mesto.auth.known_devices.service import KnownDevices
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.sessions import rules, store
from mesto.auth.sessions.records import SessionHolder
from mesto.auth.sign_in_limits.service import SignInLimits
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from mesto.common.errors import Problem, email_unverified, unauthorized
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class SignedIn:
    """Tokens of a session. ``refresh_token`` goes into a cookie only, and ``device_token`` too where there is one."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_seconds: int
    device_token: str | None = None


class Sessions:
    """Who is signed in, and how they stay so."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        keys: SigningKeys,
        security_log: SecurityLog,
        known_devices: KnownDevices,
        sign_in_limits: SignInLimits,
    ) -> None:
        self.database, self.configuration = database, configuration
        self.accounts, self.keys, self.security_log = accounts, keys, security_log
        self.known_devices, self.sign_in_limits = known_devices, sign_in_limits

    async def login(self, *, email: str, password: str, client: Client, device: str | None = None) -> SignedIn:
        """Return a new session. Raises Problem 401 for a wrong pair and 429 after too many of them.

        Where the policy says so, 403 for an address that is not verified. ``device`` is the token in its cookie.
        """
        async with self.database.read() as connection:
            account = await self.accounts.find_by_email(connection, email.strip())
        right = await self.sign_in_limits.check(account, email=email, password=password, client=client, device=device)
        if account is None or not right:
            raise Problem(401, "wrong-credentials", "This e-mail and password do not belong together.")
        if self.configuration.policy.require_verified_email and not account.email_verified:
            raise email_unverified()
        async with self.database.transaction() as connection:
            device_token = await self.known_devices.remember(connection, account.id, device)
            await self.security_log.record(connection, "signed_in", account.id, client=client)
            signed_in = await self._open_session(connection, account, client.user_agent)
        return replace(signed_in, device_token=device_token)

    async def _open_session(self, connection: AsyncConnection, account: Account, user_agent: str) -> SignedIn:
        expires = datetime.now(UTC) + timedelta(days=self.configuration.policy.refresh_token_days)
        holder = SessionHolder(uuid4(), expires, account.id, account.email, account.email_verified, account.roles)
        await store.insert_session(connection, holder.session_id, account.id, user_agent, expires)
        return await self._issue(connection, holder)

    async def _issue(self, connection: AsyncConnection, holder: SessionHolder) -> SignedIn:
        refresh = secrets.token_urlsafe(32)
        await store.insert_refresh_token(connection, digest(refresh), holder.session_id)
        seconds = self.configuration.policy.access_token_minutes * 60
        access = self.keys.access_token(
            account_id=holder.account_id,
            session_id=holder.session_id,
            email=holder.email,
            email_verified=holder.email_verified,
            roles=holder.roles,
            seconds=seconds,
        )
        remaining = int((holder.expires_at - datetime.now(UTC)).total_seconds())
        return SignedIn(access, seconds, refresh, remaining)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Return the session's next tokens. A token used before ends the whole session: it may have been stolen.

        Raises Problem 401 when the session is over.
        """
        now = datetime.now(UTC)
        async with self.database.transaction() as connection:
            found = await store.find_refresh_token(connection, digest(refresh_token))
            if found is None or found.ended_at or found.holder.expires_at <= now:
                raise unauthorized("The session is over. Sign in again.")
            grace = timedelta(seconds=rules.REUSE_GRACE_SECONDS)
            stolen = found.used_at is not None and now - found.used_at > grace
            if stolen:
                await store.end_session(connection, found.holder.session_id, now, "refresh token reused")
            else:
                await store.use_refresh_token(connection, digest(refresh_token), found.holder.session_id, now)
                return await self._issue(connection, found.holder)
        raise unauthorized("The session was ended because an old token came back. Sign in again.")

    async def end_all(
        self, connection: AsyncConnection, account_id: UUID, because: str, except_session: UUID | None = None
    ) -> None:
        """End the sessions of an account, but for one."""
        await store.end_all(connection, account_id, datetime.now(UTC), because, except_session)

    async def logout(self, refresh_token: str | None) -> None:
        """End the session of a refresh token; nothing happens without one."""
        if not refresh_token:
            return
        async with self.database.transaction() as connection:
            found = await store.find_refresh_token(connection, digest(refresh_token))
            if found is not None:
                await store.end_session(connection, found.holder.session_id, datetime.now(UTC), "signed out")


class PastSessions:
    """Sessions that are over; the worker forgets them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def prune(self) -> int:
        """Forget sessions that were over long ago, with their tokens; return how many."""
        before = datetime.now(UTC) - timedelta(days=rules.KEPT_DAYS)
        return await delete_batches(self.database, lambda connection: store.delete_over(connection, before))

    async def prune_attempts(self) -> int:
        """Forget attempts to sign in that the release before has counted; return how many."""
        before = datetime.now(UTC) - timedelta(days=1)
        return await delete_batches(self.database, lambda connection: store.delete_failures(connection, before))
