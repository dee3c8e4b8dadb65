"""What the store of deliveries returns and takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.notifications.deliveries.rules import ADDRESSED
from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.schemas import BookingContent, InvitationContent, LinkContent, NoticeContent
from mesto.notifications.recipients.records import Recipient

NOBODY = UUID(int=0)
"""Whose mails are that go to somebody without an account."""


@dataclass(frozen=True)
class NewDelivery:
    """A mail that an event asks for. ``verified_only``: to a verified address or to nobody."""

    id: UUID
    event_id: UUID
    kind: str
    user_id: UUID
    content: BookingContent | InvitationContent | LinkContent | NoticeContent
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

    @property
    def address(self) -> str | None:
        """Where the mail goes: to its person, or where its content says; None when its person is gone."""
        if self.recipient.removed:
            return None
        to = json.loads(self.content).get("to") if self.kind in ADDRESSED else None
        return to if isinstance(to, str) else self.recipient.email

    def draft(self) -> Draft:
        """Return what the mail is written from; it must have an address."""
        known, address = self.recipient, self.address
        assert address is not None, "a person without an address is gone"
        return Draft(self.id, self.kind, address, known.name, known.locale, self.content, self.created_at)


@dataclass(frozen=True)
class OverdueDelivery:
    """A mail that should have been tried long ago."""

    id: UUID
    kind: str
    status: str
