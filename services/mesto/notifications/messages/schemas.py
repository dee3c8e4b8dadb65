"""What is kept of an event until its mail is written; each is stored as JSON, and read by later releases too."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.events import BookingState
from pydantic import BaseModel, ConfigDict


class _Content(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)  # what cannot be read goes into logs, and a token must not


class BookingContent(_Content):
    """A booking after a transition, and why it came to be."""

    booking: BookingState
    cause: str


class VerificationContent(_Content):
    """A link that verifies an address, until it expires."""

    token: str
    expires_at: datetime
