"""What the store of sessions returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Session:
    """One sign-in. ``network`` and ``user_agent`` are those it was last used from, ``used_at`` when that was.

    ``authenticated_at`` is when its holder last proved who they are; ``remembered`` ones outlive the browser.
    """

    id: UUID
    account_id: UUID
    user_agent: str
    network: str
    remembered: bool
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    authenticated_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token: when it was first used, and what its successor is derived with."""

    session_id: UUID
    used_at: datetime | None
    successor_salt: bytes | None
