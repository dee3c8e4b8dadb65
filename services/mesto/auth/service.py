"""Accounts and sessions: load, decide, save and record the event, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mesto.auth import store
from mesto.auth.domain import rules
from mesto.auth.keys import SigningKeys
from mesto.auth.occasions import network
from mesto.auth.passwords import Passwords
from mesto.auth.store import Account
from mesto.auth.tables import OUTBOX
from mesto.auth.verification import Verification, changed, digest
from mesto.common import emails
from mesto.common.configuration import Configuration
from mesto.common.db import Database
from mesto.common.errors import FieldError, Problem, email_unverified, not_found, unauthorized
from mesto.common.outbox import record
from mesto.contracts.events import UserChanged
from mesto.contracts.policy import AuthPolicy

TOOLS = "tools"
"""Whose turn the platform's own tools take: no network's."""


@dataclass(frozen=True)
class SignedIn:
    """Tokens of a session. ``refresh_token`` goes into the cookie only."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_seconds: int


class Accounts:
    """What auth does."""

    def __init__(
        self,
        database: Database,
        keys: SigningKeys,
        passwords: Passwords,
        configuration: Configuration[AuthPolicy],
    ) -> None:
        self.database, self.keys, self.passwords = database, keys, passwords
        self.configuration = configuration
        self.verification = Verification(database, configuration)

    async def register(
        self, *, email: str, password: str, name: str, phone: str | None, role: str, locale: str, address: str
    ) -> Account:
        """The new account, whose holder is sent a link that verifies the address.

        Raises Problem 422 for a weak password or an unfit name, 429 after too many from a network, and 409 when the
        address has an account.
        """
        unfitness = rules.name_problem(name)
        if unfitness:
            raise Problem(422, "unfit-name", unfitness, errors=[FieldError(field="name", message=unfitness)])
        await self._count_registration(address)
        weakness = await self.passwords.problem(password, [name, email], network(address))
        if weakness:
            raise Problem(422, "weak-password", weakness, errors=[FieldError(field="password", message=weakness)])
        values = {
            "id": uuid4(),
            "email": email,
            "email_key": emails.key(email),
            "name": name,
            "phone": phone,
            "locale": locale,
            "roles": [role],
            "password_hash": await self.passwords.hash(password, network(address)),
        }
        async with self.database.transaction() as connection:
            account = await store.add_account(connection, values)
            if account is None:
                message = "There is an account with this e-mail. Sign in instead."
                raise Problem(409, "email-taken", message, errors=[FieldError(field="email", message=message)])
            await record(connection, OUTBOX, [changed(account)])
            await self.verification.request(connection, account)
        return account

    async def _count_registration(self, address: str) -> None:
        most = self.configuration.policy.registrations_per_hour
        wait = await self.verification.occasions.wait("register", network(address), most)
        if wait:
            detail = "Too many accounts were made from your network. Try again later."
            raise Problem(429, "too-many-registrations", detail, headers={"Retry-After": str(wait)})

    async def login(self, *, email: str, password: str, address: str, user_agent: str) -> SignedIn:
        """A new session. Raises Problem 401 for a wrong pair and 429 after too many of them.

        Where the policy says so, 403 for an address that is not verified.
        """
        subject = f"{emails.key(email) or email.strip().lower()}|{address}"
        since = datetime.now(UTC) - timedelta(minutes=rules.FAILURES_MINUTES)
        async with self.database.read() as connection:
            if await store.failures_since(connection, subject, since) >= rules.FAILURES_ALLOWED:
                raise Problem(
                    429,
                    "too-many-attempts",
                    f"Too many wrong passwords. Wait {rules.FAILURES_MINUTES} minutes and try again.",
                    headers={"Retry-After": str(rules.FAILURES_MINUTES * 60)},
                )
            account = await store.account_by_email(connection, email.strip())
        right = await self.passwords.check(account.password_hash if account else None, password, network(address))
        async with self.database.transaction() as connection:
            if account is None or not right:
                await store.add_failure(connection, subject, since)
            else:
                await store.forget_failures(connection, subject)
                if account.email_verified or not self.configuration.policy.require_verified_email:
                    return await self._open_session(connection, account, user_agent)
        if account is not None and right:
            raise email_unverified()
        raise Problem(401, "wrong-credentials", "This e-mail and password do not belong together.")

    async def _open_session(self, connection: Any, account: Account, user_agent: str) -> SignedIn:
        session_id, now = uuid4(), datetime.now(UTC)
        expires = now + timedelta(days=self.configuration.policy.refresh_token_days)
        values = {
            "id": session_id,
            "account_id": account.id,
            "user_agent": user_agent[:300],
            "expires_at": expires,
        }
        await store.add_session(connection, values)
        return await self._issue(
            connection, account.id, session_id, account.email, account.email_verified, account.roles, expires
        )

    async def _issue(
        self,
        connection: Any,
        account_id: UUID,
        session_id: UUID,
        email: str,
        email_verified: bool,
        roles: list[str],
        session_ends: datetime,
    ) -> SignedIn:
        refresh = secrets.token_urlsafe(32)
        await store.add_refresh_token(connection, digest(refresh), session_id)
        seconds = self.configuration.policy.access_token_minutes * 60
        access = self.keys.access_token(
            account_id=account_id,
            session_id=session_id,
            email=email,
            email_verified=email_verified,
            roles=roles,
            seconds=seconds,
        )
        remaining = int((session_ends - datetime.now(UTC)).total_seconds())
        return SignedIn(access, seconds, refresh, remaining)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """The session's next tokens. A token used before ends the whole session: it may have been stolen.

        Raises Problem 401 when the session is over.
        """
        now = datetime.now(UTC)
        async with self.database.transaction() as connection:
            found = await store.refresh_token(connection, digest(refresh_token))
            if found is None or found.ended_at or found.expires_at <= now:
                raise unauthorized("The session is over. Sign in again.")
            grace = timedelta(seconds=rules.REUSE_GRACE_SECONDS)
            stolen = found.used_at is not None and now - found.used_at > grace
            if stolen:
                await store.end_session(connection, found.session_id, now, "refresh token reused")
            else:
                await store.use_refresh_token(connection, digest(refresh_token), found.session_id, now)
                return await self._issue(
                    connection,
                    found.account_id,
                    found.session_id,
                    found.email,
                    found.email_verified,
                    found.roles,
                    found.expires_at,
                )
        raise unauthorized("The session was ended because an old token came back. Sign in again.")

    async def logout(self, refresh_token: str | None) -> None:
        """End the session of a refresh token; nothing happens without one."""
        if not refresh_token:
            return
        async with self.database.transaction() as connection:
            found = await store.refresh_token(connection, digest(refresh_token))
            if found is not None:
                await store.end_session(connection, found.session_id, datetime.now(UTC), "signed out")

    async def account(self, account_id: UUID) -> Account:
        """An account by id. Raises Problem 404."""
        async with self.database.read() as connection:
            found = await store.account(connection, account_id)
        if found is None:
            raise not_found("This account")
        return found

    async def snapshot(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[UserChanged]:
        """Accounts as their last events told them, by id: after one, or just these."""
        async with self.database.read() as connection:
            return [changed(account) for account in await store.accounts_by_id(connection, after, limit, ids)]

    async def grant(self, email: str, role: str) -> Account:
        """Give a role, once. Raises Problem 404 when nobody has this address."""
        async with self.database.transaction() as connection:
            found = await store.account_by_email(connection, email, lock=True)
            if found is None:
                raise not_found(f"An account with the e-mail {email}")
            if role in found.roles:
                return found
            fresh = await store.change_account(connection, found.id, {"roles": [*found.roles, role]})
            await record(connection, OUTBOX, [changed(fresh)])
        return fresh

    async def ensure(
        self, *, email: str, password: str, name: str, role: str, verified: bool, locale: str, replace: bool
    ) -> Account:
        """An account with this password, this role and, where asked for, a verified address: for the platform's tools.

        With ``replace`` an account of the address that is another becomes as described; without, Problem 409 is raised
        and nothing is changed: whoever mistypes an address must not take somebody's account.
        """
        async with self.database.read() as connection:
            existing = await store.account_by_email(connection, email)
        if existing is not None:
            right = await self.passwords.check(existing.password_hash, password, TOOLS)
            if right and role in existing.roles and (existing.email_verified or not verified):
                return existing
        values: dict[str, Any] = {"name": name, "roles": [role], "email_verified": verified, "locale": locale}
        values["password_hash"] = await self.passwords.hash(password, TOOLS)
        async with self.database.transaction() as connection:
            found = await store.account_by_email(connection, email, lock=True)
            if found is None:
                fresh = {"id": uuid4(), "email": email, "email_key": emails.key(email), **values}
                account = await store.add_account(connection, fresh)
                assert account is not None, "the address was free a moment ago; try again"
            elif replace:
                account = await store.change_account(connection, found.id, values)
            else:
                detail = (
                    f"There is an account of {email} with another password, without the role {role} or not verified: "
                    "nothing was changed."
                )
                raise Problem(409, "account-differs", detail)
            await record(connection, OUTBOX, [changed(account)])
        return account
