"""What booking answered about spaces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class SpaceAnswer:
    """What was answered last about a space: to its revision, and whether it can be booked, by which verdict."""

    id: UUID
    revision: int
    reason: str
    message: str
    bookable: dict[str, object] | None
    bookable_sequence: int
