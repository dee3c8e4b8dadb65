"""What the store of deliveries returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.schemas import BookingContent, VerificationContent
from mesto.notifications.recipients.records import Recipient


@dataclass(frozen=True)
class NewDelivery:
    """A mail that an event asks for. ``verified_only``: to a verified address or to nobody."""

    id: UUID
    event_id: UUID
    kind: str
    user_id: UUID
    content: BookingContent | VerificationContent
    request_id: str | None = None
    verified_only: bool = False


@dataclass(frozen=True)
class ClaimedDelivery:
    """A mail that this worker sends, for the length of its lease, to a person as they are known now.

    ``content`` is JSON that another release may have written.
    """

    id: UUID
    kind: str
    attempts: int
    content: str
    created_at: datetime
    request_id: str | None
    verified_only: bool
    recipient: Recipient

    def draft(self) -> Draft:
        """Return what the mail is written from; its recipient must have an address."""
        known = self.recipient
        assert known.email is not None, "a person without an address is gone"
        return Draft(self.id, self.kind, known.email, known.name, known.locale, self.content, self.created_at)


@dataclass(frozen=True)
class OverdueDelivery:
    """A mail that should have been tried long ago."""

    id: UUID
    kind: str
    status: str
