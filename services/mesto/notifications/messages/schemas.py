"""What is kept of an event until its mail is written; each is stored as JSON, and read by later releases too."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.events import BookingState
from mesto.contracts.text import Text
from pydantic import BaseModel, ConfigDict


class _Content(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)  # what cannot be read goes into logs, and a token must not


class BookingContent(_Content):
    """A booking after a transition, and why it came to be."""

    booking: BookingState
    cause: str


class LinkContent(_Content):
    """A link, until it expires; ``to`` is where it goes if not to the account's address."""

    token: str
    expires_at: datetime
    to: str | None = None


class InvitationContent(_Content):
    """A space of which the holder of the address ``to``, who has no account, is named as the owner."""

    title: Text
    to: str


class NoticeContent(_Content):
    """Something about the safety of an account, and until when it is worth telling; ``token`` undoes it."""

    at: datetime
    expires_at: datetime
    to: str | None = None
    token: str | None = None
    device: str | None = None
