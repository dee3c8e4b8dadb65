"""What auth consists of, wired once for its API and its worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from mesto.auth.accounts.service import Accounts
from mesto.auth.consents.service import Consents
from mesto.auth.email_change.service import EmailChange
from mesto.auth.keys.service import SigningKeys
from mesto.auth.known_devices.service import KnownDevices
from mesto.auth.links.service import Links, PastLinks
from mesto.auth.passwords.service import Passwords
from mesto.auth.profile.service import Profiles
from mesto.auth.rate_limits.service import RateLimits
from mesto.auth.recovery.service import Recovery
from mesto.auth.registration.service import Registrations
from mesto.auth.roles.service import Roles
from mesto.auth.security_log.service import SecurityLog
from mesto.auth.sessions.providers.places import Places
from mesto.auth.sessions.service import PastSessions, Sessions
from mesto.auth.settings import AuthSettings
from mesto.auth.sign_in_limits.service import SignInLimits
from mesto.auth.tables import CONFIGURATION
from mesto.auth.texts.service import Texts
from mesto.auth.verification.service import Verification
from mesto.auth.withdrawals.service import TokenWithdrawals
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.common.settings import ServiceSettings
from mesto.contracts.policy import AuthPolicy


@dataclass(frozen=True)
class Auth:
    """The features of auth on one database, by the platform's policy."""

    database: Database
    configuration: Configuration[AuthPolicy]
    security_log: SecurityLog
    keys: SigningKeys
    known_devices: KnownDevices
    passwords: Passwords
    accounts: Accounts
    texts: Texts
    consents: Consents
    roles: Roles
    verification: Verification
    registrations: Registrations
    withdrawals: TokenWithdrawals
    sessions: Sessions
    recovery: Recovery
    places: Places
    email_change: EmailChange
    profiles: Profiles


def build(settings: AuthSettings) -> Auth:
    """Wire the features together; nothing is connected yet."""
    database = Database(settings.database_url.get_secret_value(), "auth", settings.pool_size)
    keys, passwords, rate_limits = SigningKeys(settings.auth_key_dir), Passwords(), RateLimits(database)
    configuration = Configuration(database, CONFIGURATION, "auth", AuthPolicy, settings.platform_config)
    security_log, withdrawals = SecurityLog(database, configuration), TokenWithdrawals(database)
    known_devices = KnownDevices(database)
    sign_in_limits = SignInLimits(database, configuration, passwords, rate_limits, known_devices, security_log)
    accounts, texts = Accounts(database, passwords, security_log, withdrawals), Texts(database)
    consents, links = Consents(database, texts, accounts), Links(accounts)
    verification = Verification(database, configuration, accounts, links, rate_limits, security_log)
    sessions = Sessions(
        database, configuration, accounts, keys, security_log, known_devices, sign_in_limits, withdrawals
    )
    recovery = Recovery(
        database, configuration, accounts, passwords, links, sessions, rate_limits, security_log, known_devices
    )
    email_change = EmailChange(
        database, configuration, accounts, passwords, links, sessions, recovery, rate_limits, security_log
    )
    return Auth(
        database,
        configuration,
        security_log,
        keys,
        known_devices,
        passwords,
        accounts,
        texts,
        consents,
        Roles(accounts),
        verification,
        Registrations(database, configuration, accounts, passwords, verification, rate_limits, consents, security_log),
        withdrawals,
        sessions,
        recovery,
        Places(settings.auth_places_file),
        email_change,
        Profiles(database, accounts, passwords, links, sessions, email_change, rate_limits, security_log),
    )


@dataclass(frozen=True)
class Housekeeping:
    """What the worker keeps in order; ``prunable`` forgets what is over, by its name in the log, and counts it."""

    database: Database
    configuration: Configuration[AuthPolicy]
    prunable: Mapping[str, Callable[[], Awaitable[int]]]

    async def prune(self) -> dict[str, int]:
        """Forget what is over; return how much of what. Raises what hindered one of them, after the others are done."""
        done: dict[str, int] = {}
        hindrances: list[Exception] = []
        for name, forget in self.prunable.items():
            try:
                done[name] = await forget()
            except Exception as error:
                error.add_note(f"while {name} were pruned")
                hindrances.append(error)
        if hindrances:
            raise ExceptionGroup("not all could be pruned", hindrances)
        return done


def build_housekeeping(settings: ServiceSettings) -> Housekeeping:
    """Wire what the worker needs; nothing is connected yet."""
    database = Database(settings.database_url.get_secret_value(), "auth-tasks", 4)
    configuration = Configuration(database, CONFIGURATION, "auth", AuthPolicy, settings.platform_config)
    sessions = PastSessions(database)
    return Housekeeping(
        database,
        configuration,
        {
            "counts": RateLimits(database).prune,
            "attempts": sessions.prune_attempts,
            "sessions": sessions.prune,
            "refresh_tokens": sessions.prune_tokens,
            "withdrawals": TokenWithdrawals(database).prune,
            "links": PastLinks(database).prune,
            "devices": KnownDevices(database).prune,
            "security_log": SecurityLog(database, configuration).prune,
        },
    )
