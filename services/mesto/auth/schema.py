"""All tables of auth, for its migrations."""

from __future__ import annotations

from mesto.auth.accounts import tables as accounts
from mesto.auth.rate_limits import tables as rate_limits
from mesto.auth.sessions import tables as sessions
from mesto.auth.tables import METADATA
from mesto.auth.verification import tables as verification

__all__ = ["METADATA", "accounts", "rate_limits", "sessions", "verification"]
