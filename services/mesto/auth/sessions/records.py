"""What the store of sessions returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class SessionHolder:
    """Whom an access token speaks of."""

    session_id: UUID
    expires_at: datetime
    account_id: UUID
    email: str
    email_verified: bool
    roles: list[str]


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token with its session; ``used_at`` is its first use."""

    used_at: datetime | None
    ended_at: datetime | None
    holder: SessionHolder
