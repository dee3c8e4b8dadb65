"""What the store of recipients returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mesto.contracts.text import Language


@dataclass(frozen=True)
class Recipient:
    """A person as auth describes them at a revision; ``removed`` ones have no address and no name."""

    user_id: UUID
    revision: int
    email: str | None
    email_verified: bool
    name: str
    locale: Language
    removed: bool = False
