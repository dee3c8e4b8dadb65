"""What the store of existence returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class ManagedRow:
    """A space that a resource should manage; ``missing_since`` is when it was first found that there is none."""

    id: UUID
    uid: UUID
    namespace: str
    name: str
    slug: str
    missing_since: datetime | None


@dataclass(frozen=True)
class LostSpace:
    """A space whose resource was found not to exist."""

    id: UUID
    namespace: str
    name: str
    missing_since: datetime


@dataclass(frozen=True)
class UnstoredResource:
    """A resource ("namespace/name") that said it is stored and was not, and when that was found."""

    name: str
    found_at: datetime
