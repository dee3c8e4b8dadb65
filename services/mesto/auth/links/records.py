"""What the store of links returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Link:
    """A link that was mailed to ``email`` for an account."""

    account_id: UUID
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
