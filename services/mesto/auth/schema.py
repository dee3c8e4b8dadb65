"""All tables of auth, for its migrations."""

from __future__ import annotations

from mesto.auth.accounts import tables as accounts
from mesto.auth.consents import tables as consents
from mesto.auth.known_devices import tables as known_devices
from mesto.auth.links import tables as links
from mesto.auth.rate_limits import tables as rate_limits
from mesto.auth.security_log import tables as security_log
from mesto.auth.sessions import tables as sessions
from mesto.auth.tables import METADATA
from mesto.auth.texts import tables as texts
from mesto.auth.withdrawals import tables as withdrawals

__all__ = [
    "METADATA",
    "accounts",
    "consents",
    "known_devices",
    "links",
    "rate_limits",
    "security_log",
    "sessions",
    "texts",
    "withdrawals",
]
