"""Limits of guessing passwords: by account and by network, and for known devices one of their own.

Each attempt is counted before the password is checked, so thirty at once at a limit of ten are ten checks; one with the
right password is given back. Addresses without an account are limited just as those with one.
"""

from __future__ import annotations

import math
from uuid import UUID

from mesto.auth.accounts.records import Account
from mesto.auth.client import Client
from mesto.auth.known_devices.service import KnownDevices
from mesto.auth.passwords.service import Passwords
from mesto.auth.rate_limits.records import Limit
from mesto.auth.rate_limits.rules import network
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.security_log.rules import Details
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.sign_in_limits.records import Admission
from mesto.auth.sign_in_limits.rules import limits_of
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.common.identity import emails
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import AuthPolicy


class SignInLimits:
    """Checks passwords, as often as somebody may try."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[AuthPolicy],
        passwords: Passwords,
        rate_limits: RateLimits,
        known_devices: KnownDevices,
        security_log: SecurityLog,
    ) -> None:
        self.database, self.configuration, self.passwords = database, configuration, passwords
        self.rate_limits, self.known_devices, self.security_log = rate_limits, known_devices, security_log

    async def check(
        self, account: Account | None, *, email: str, password: str, client: Client, device: str | None
    ) -> bool:
        """Return whether a password is the account's; never for no account, which takes as long.

        ``email`` is as it was typed, ``device`` the token of the device, if it has one. Raises Problem 429 after too
        many attempts, 503 when too many wait.
        """
        account_id = account.id if account is not None else None
        async with self.database.read() as connection:
            known = device if await self.known_devices.knows(connection, account_id, device) else None
        admission = await self._admit(email, account_id, client, known)
        try:
            right = await self.passwords.check(account.password_hash if account else None, password, admission.turn)
        except Problem:  # too many wait, so nothing was tried
            await self._give_back(admission)
            raise
        if right:
            await self._give_back(admission)
        else:
            async with self.database.transaction(notify=False) as connection:
                await self.security_log.record(connection, "sign_in_failed", account_id, client=client)
        return right

    async def _admit(self, email: str, account_id: UUID | None, client: Client, known_device: str | None) -> Admission:
        """Count an attempt. Raises Problem 429 when there were too many."""
        device = f"{account_id} {known_device}" if known_device else None
        subject, turn = emails.key(email) or email.strip().lower(), network(client.address)
        limits = limits_of(self.configuration.policy.sign_in, subject, turn, device)
        for limit in limits:
            wait = await self.rate_limits.hit(limit)
            if wait:
                await self._note(limit, account_id, client)
                detail = f"There were too many attempts to sign in. Wait {_minutes(wait)} and try again."
                raise Problem(429, "too-many-attempts", detail, headers={"Retry-After": str(wait)})
        # A known device does not wait behind those who flood its network either.
        return Admission(limits, device or turn)

    async def _give_back(self, admission: Admission) -> None:
        for limit in admission.counted:
            await self.rate_limits.give_back(limit)

    async def _note(self, limit: Limit, account_id: UUID | None, client: Client) -> None:
        """Write down that a limit is reached, once in its time: who floods us does not flood the log."""
        if not await self.rate_limits.hit(Limit("locked_out", f"{limit.what} {limit.who}", 1, limit.seconds)):
            async with self.database.transaction(notify=False) as connection:
                details: Details = {"limit": limit.what}
                await self.security_log.record(connection, "locked_out", account_id, client=client, details=details)


def _minutes(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
