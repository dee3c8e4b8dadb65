"""What the store of locations returns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mesto.geo.locations.rules import Place


@dataclass(frozen=True)
class SpaceLocation:
    """Where geo has found a revision of a space to be; ``reason`` is Located, NoDistrict or UnknownCity.

    ``revision`` is geo's own. ``reason_before`` is that of the place before, None when there was none or it is unknown.
    """

    space_id: UUID
    space_revision: int
    revision: int
    city: str
    place: Place
    reason: str
    reason_before: str | None = None


@dataclass(frozen=True)
class Misplaced:
    """A space whose stored reason, or place, is not what would be found now."""

    space_id: UUID
    reason: str | None
    right_reason: str


@dataclass(frozen=True)
class StatedPosition:
    """What geo keeps of what a space says: nothing of a space that is gone, no zone from before zones were kept."""

    space_id: UUID
    space_revision: int
    removed: bool
    city: str
    time_zone: str | None
    latitude: float | None
    longitude: float | None
