"""What the store of verification returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class VerificationLink:
    """A link that was mailed to ``email``; ``current_email`` is the account's now."""

    account_id: UUID
    email: str
    expires_at: datetime
    used_at: datetime | None
    current_email: str
    email_verified: bool
