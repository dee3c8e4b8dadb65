"""What the store of what is near returns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StopNear:
    """A stop, in WGS 84 degrees, and the straight-line metres to it."""

    name: str
    line: str | None
    color: str | None
    lat: float
    lon: float
    metres: float


@dataclass(frozen=True)
class SpaceNear:
    """A space and the straight-line metres to it."""

    space_id: UUID
    metres: float
