"""Registration: a new account, whose holder is sent a link that verifies the address."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from mesto.auth.accounts import rules
from mesto.auth.accounts.records import Account, NewAccount
from mesto.auth.accounts.service import Accounts
from mesto.auth.client import Client
from mesto.auth.consents.records import NewConsent
from mesto.auth.consents.service import Consents
from mesto.auth.email_domains.service import check_domain
from mesto.auth.passwords.service import Passwords
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.verification.service import Verification
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem
from mesto.common.identity import emails
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import AuthPolicy


class Registrations:
    """How somebody gets an account."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        accounts: Accounts,
        passwords: Passwords,
        verification: Verification,
        rate_limits: RateLimits,
        consents: Consents,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.configuration, self.accounts = database, configuration, accounts
        self.passwords, self.verification, self.rate_limits = passwords, verification, rate_limits
        self.consents, self.security_log = consents, security_log

    async def register(
        self,
        *,
        email: str,
        password: str,
        name: str,
        phone: str | None,
        role: str,
        locale: str,
        client: Client,
        consents: Sequence[NewConsent] = (),
    ) -> Account:
        """Return the new account.

        Raises Problem 422 for a weak password, an unfit name, an address that the policy refuses, or a consent that is
        missing or of no text of ours, 429 after too many from a network, and 409 when the address has an account.
        """
        unfitness = rules.name_problem(name)
        if unfitness:
            raise Problem(422, "unfit-name", unfitness, errors=[FieldError(field="name", message=unfitness)])
        check_domain(email, self.configuration.policy)
        await self.consents.check_registration(consents, [role])
        turn = network(client.address)
        await self._count(turn)
        weakness = await self.passwords.problem(password, [name, email], turn)
        if weakness:
            raise Problem(422, "weak-password", weakness, errors=[FieldError(field="password", message=weakness)])
        new = NewAccount(
            id=uuid4(),
            email=email,
            email_key=emails.key(email),
            name=name,
            phone=phone,
            locale=locale,
            roles=[role],
            password_hash=await self.passwords.hash(password, turn),
        )
        async with self.database.transaction() as connection:
            account = await self.accounts.create(connection, new)
            # Asked now that the address is ours: an account that gave it up just before may take it back.
            if account is None or await self.verification.links.is_reserved(connection, account.email):
                message = "There is an account with this e-mail. Sign in instead."
                raise Problem(409, "email-taken", message, errors=[FieldError(field="email", message=message)])
            await self.consents.record(connection, account.id, consents, field="consents.{}.")
            await self.security_log.record(connection, "registered", account.id, client=client, details={"role": role})
            await self.verification.request(connection, account)
        return account

    async def _count(self, turn: str) -> None:
        most = self.configuration.policy.registrations_per_hour
        wait = await self.rate_limits.wait("register", turn, most)
        if wait:
            detail = "Too many accounts were made from your network. Try again later."
            raise Problem(429, "too-many-registrations", detail, headers={"Retry-After": str(wait)})
