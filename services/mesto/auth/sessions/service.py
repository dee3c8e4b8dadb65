"""Sessions: signing in, the tokens of a session one after the other, signing out here and elsewhere."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from mesto.auth.accounts.records import Account
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.keys.rules import digest
from mesto.auth.keys.service import SigningKeys
from mesto.auth.known_devices.service import KnownDevices
from mesto.auth.rate_limits.rules import network
from mesto.auth.security_log.rules import Details
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.sessions import rules, store
from mesto.auth.sessions.records import Session
from mesto.auth.sign_in_limits.service import SignInLimits
from mesto.auth.withdrawals.service import TokenWithdrawals
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from mesto.common.errors import FieldError, Problem, email_unverified, not_found, unauthorized
from mesto.common.identity.tokens import Principal
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class SignedIn:
    """Tokens of a session. ``refresh_token`` goes into a cookie only, and ``device_token`` too; None leaves them.

    ``refresh_seconds`` is how long the browser keeps the refresh token, None until it is closed.
    """

    access_token: str
    expires_in: int
    refresh_token: str | None = None
    refresh_seconds: int | None = None
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
        withdrawals: TokenWithdrawals,
    ) -> None:
        self.database, self.configuration = database, configuration
        self.accounts, self.keys, self.security_log = accounts, keys, security_log
        self.known_devices, self.sign_in_limits, self.withdrawals = known_devices, sign_in_limits, withdrawals
        self._refreshing: dict[bytes, asyncio.Task[SignedIn]] = {}

    async def login(
        self, *, email: str, password: str, client: Client, remember: bool, device: str | None = None
    ) -> SignedIn:
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
            signed_in = await self.open(connection, account.id, client, remember=remember)
        return replace(signed_in, device_token=device_token)

    async def open(self, connection: AsyncConnection, account_id: UUID, client: Client, *, remember: bool) -> SignedIn:
        """Return a new session of an account whose holder has just proved who they are."""
        account, now = await self.accounts.hold(connection, account_id), datetime.now(UTC)
        used_from = network(client.address)
        expires = now + self._lifetime(remember)
        session = Session(uuid4(), account.id, client.user_agent, used_from, remember, now, now, expires, now)
        await store.insert_session(connection, session)
        refresh = secrets.token_urlsafe(32)
        await store.insert_refresh_token(connection, digest(refresh), session.id)
        return self._signed_in(account, session, refresh)

    def _lifetime(self, remembered: bool) -> timedelta:
        policy = self.configuration.policy
        return timedelta(days=policy.refresh_token_days) if remembered else timedelta(hours=policy.short_session_hours)

    def _signed_in(self, account: Account, session: Session, refresh: str | None) -> SignedIn:
        seconds = self.configuration.policy.access_token_minutes * 60
        access = self.keys.access_token(
            account_id=account.id,
            session_id=session.id,
            email=account.email,
            email_verified=account.email_verified,
            roles=account.roles,
            authenticated_at=session.authenticated_at,
            seconds=seconds,
        )
        remaining = int((session.expires_at - session.used_at).total_seconds()) if session.remembered else None
        return SignedIn(access, seconds, refresh, remaining)

    async def refresh(self, refresh_token: str, client: Client) -> SignedIn:
        """Return the session's next tokens. A token used before ends the whole session: it may have been stolen.

        For a short while it is answered again by the one successor it has: its answer may have been lost, or two tabs
        asked at once. Raises Problem 401 when the session is over.
        """
        key = digest(refresh_token)
        refreshing = self._refreshing.get(key)
        if refreshing is None:  # whoever asks meanwhile gets the same, and takes no connection to wait for it
            refreshing = self._refreshing[key] = asyncio.create_task(self._refresh(refresh_token, client))
            refreshing.add_done_callback(lambda _done: self._refreshing.pop(key))
        return await asyncio.shield(refreshing)

    async def _refresh(self, refresh_token: str, client: Client) -> SignedIn:
        async with self.database.transaction() as connection:
            session = await self._session_of(connection, refresh_token)
            now = datetime.now(UTC)
            if session is None or session.ended_at or session.expires_at <= now:
                raise unauthorized("The session is over. Sign in again.")
            following = await self._successor(connection, session, refresh_token, now)
            if following is not None:
                account = await self.accounts.hold(connection, session.account_id)
                used_from, expires = network(client.address), now + self._lifetime(session.remembered)
                session = replace(
                    session, user_agent=client.user_agent, network=used_from, used_at=now, expires_at=expires
                )
                await store.update_session(connection, session)
                return self._signed_in(account, session, following)
            await self._end(connection, session.account_id, "refresh token reused", session_id=session.id)
            said: Details = {"session": str(session.id)}
            await self.security_log.record(connection, "token_reused", session.account_id, client=client, details=said)
        raise unauthorized("The session was ended because an old token came back. Sign in again.")

    async def _session_of(self, connection: AsyncConnection, refresh_token: str) -> Session | None:
        """Return the session of a refresh token, locked; None when there is none."""
        found = await store.find_refresh_token(connection, digest(refresh_token))
        return None if found is None else await store.lock_session(connection, found.session_id)

    async def _successor(self, connection: AsyncConnection, session: Session, token: str, now: datetime) -> str | None:
        """Return the token that follows, the last of those that do; None for one that was used too long ago."""
        for _ in range(rules.LONGEST_CHAIN):
            found = await store.find_refresh_token(connection, digest(token))  # anew: the session is locked only now
            grace = timedelta(seconds=rules.REUSE_GRACE_SECONDS)
            if found is None or (found.used_at is not None and now - found.used_at > grace):
                return None
            if found.successor_salt is None:
                salt = secrets.token_bytes(16)
                following = rules.successor(token, salt)
                await store.use_refresh_token(connection, digest(token), salt, now)
                await store.insert_refresh_token(connection, digest(following), session.id)
                return following
            token = rules.successor(token, found.successor_salt)
            found = await store.find_refresh_token(connection, digest(token))
            if found is not None and found.used_at is None:
                return token
        return None

    async def step_up(self, user: Principal, password: str, client: Client, device: str | None) -> SignedIn:
        """Return an access token of who has just proved again who they are.

        Raises Problem 422 for a wrong password, 429 after too many, 401 when the session is over.
        """
        account = await self.accounts.get(user.user_id)
        limits, email = self.sign_in_limits, account.email
        if not await limits.check(account, email=email, password=password, client=client, device=device):
            message = "This is not your password."
            raise Problem(422, "wrong-password", message, errors=[FieldError(field="password", message=message)])
        async with self.database.transaction() as connection:
            session, now = await store.lock_session(connection, user.session_id), datetime.now(UTC)
            if session is None or session.ended_at or session.expires_at <= now:
                raise unauthorized("The session is over. Sign in again.")
            session = replace(session, authenticated_at=now)
            await store.update_session(connection, session)
            await self.security_log.record(connection, "stepped_up", account.id, client=client)
            return self._signed_in(await self.accounts.hold(connection, account.id), session, None)

    async def list_alive(self, account_id: UUID) -> list[Session]:
        """Return the sessions of an account that are not over, the last used first."""
        async with self.database.read() as connection:
            return await store.list_alive(connection, account_id, datetime.now(UTC))

    async def end_one(self, user: Principal, session_id: UUID, client: Client) -> None:
        """End a session of somebody's account. Raises Problem 404 when it has none of this id that is not over."""
        async with self.database.transaction() as connection:
            ended = await self._end(connection, user.user_id, "ended by its holder", session_id=session_id)
            if not ended:
                raise not_found("This session")
            await self._log_ended(connection, user, ended, client)

    async def end_others(self, user: Principal, client: Client) -> None:
        """End all sessions of somebody's account but the one they use."""
        async with self.database.transaction() as connection:
            ended = await self._end(connection, user.user_id, "ended by its holder", except_session=user.session_id)
            await self._log_ended(connection, user, ended, client)

    async def _log_ended(
        self, connection: AsyncConnection, user: Principal, ended: Iterable[UUID], client: Client
    ) -> None:
        for session_id in ended:
            said: Details = {"session": str(session_id)}
            await self.security_log.record(connection, "session_ended", user.user_id, client=client, details=said)

    async def end_all(
        self, connection: AsyncConnection, account_id: UUID, because: str, *, except_session: UUID | None = None
    ) -> None:
        """End all sessions of an account, or all but one."""
        await self._end(connection, account_id, because, except_session=except_session)

    async def _end(
        self,
        connection: AsyncConnection,
        account_id: UUID,
        because: str,
        *,
        session_id: UUID | None = None,
        except_session: UUID | None = None,
    ) -> Iterable[UUID]:
        """End sessions of an account and withdraw their access tokens; return which ones."""
        now = datetime.now(UTC)
        ended = await store.end_sessions(
            connection, account_id, now, because, session_id=session_id, except_session=except_session
        )
        await self.withdrawals.end(connection, ended)
        return ended

    async def logout(self, refresh_token: str | None, client: Client) -> None:
        """End the session of a refresh token; nothing happens without one."""
        if not refresh_token:
            return
        async with self.database.transaction() as connection:
            session = await self._session_of(connection, refresh_token)
            if session is None:
                return
            if await self._end(connection, session.account_id, "signed out", session_id=session.id):
                await self.security_log.record(connection, "signed_out", session.account_id, client=client)


class PastSessions:
    """Sessions that are over; the worker forgets them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def prune(self) -> int:
        """Forget sessions that were over long ago, with their tokens; return how many."""
        before = datetime.now(UTC) - timedelta(days=rules.KEPT_DAYS)
        return await delete_batches(self.database, lambda connection: store.delete_over(connection, before))

    async def prune_tokens(self) -> int:
        """Forget tokens of sessions that go on, used too long ago to come by mistake; return how many."""
        before = datetime.now(UTC) - timedelta(days=rules.KEPT_DAYS)
        return await delete_batches(self.database, lambda connection: store.delete_used(connection, before))

    async def prune_attempts(self) -> int:
        """Forget attempts to sign in that the release before has counted; return how many."""
        before = datetime.now(UTC) - timedelta(days=1)
        return await delete_batches(self.database, lambda connection: store.delete_failures(connection, before))
