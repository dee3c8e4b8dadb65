"""What the store of texts returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.contracts.platform_texts import TextName


@dataclass(frozen=True)
class ShownText:
    """A text that is shown now; ``uid`` and ``generation`` are of the resource that declares it."""

    name: TextName
    version: str
    since: datetime
    required_to_register: bool
    uid: UUID
    generation: int
    ru: str | None
    en: str | None


@dataclass(frozen=True)
class TextVersion:
    """A version of a text as it was published."""

    name: TextName
    version: str
    ru: str | None
    en: str | None
    published_at: datetime
