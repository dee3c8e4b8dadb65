"""What mails are written from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.contracts.text import Language


@dataclass(frozen=True)
class Draft:
    """A mail to write: to whom, in which language, and its content as JSON of the model in ``schemas`` for its kind.

    ``id`` is the delivery's, ``created_at`` is when its event came.
    """

    id: UUID
    kind: str
    email: str
    name: str
    locale: Language
    content: str
    created_at: datetime
