"""What lies near a point, as it is answered."""

from __future__ import annotations

from mesto.contracts.places import Location
from pydantic import BaseModel


class NearbyStop(BaseModel):
    """A stop and the straight-line metres to it."""

    name: str
    line: str | None
    color: str | None
    metres: int
    location: Location


class NearbySpace(BaseModel):
    """A space and the straight-line metres to it; what it is, catalog knows."""

    space_id: str
    metres: int


class NearbyOut(BaseModel):
    """What lies within the radius, nearest first."""

    stops: list[NearbyStop]
    spaces: list[NearbySpace]
