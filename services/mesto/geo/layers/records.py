"""What the store of layers returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mesto.contracts.text import Text


@dataclass(frozen=True)
class DistrictShape:
    """A district; ``parent`` is the slug of the okrug that holds most of it, ``geometry`` is GeoJSON text."""

    slug: str
    name: Text
    level: Literal["okrug", "district"]
    parent: str | None
    geometry: str


@dataclass(frozen=True)
class StopPoint:
    """A stop, in WGS 84 degrees."""

    name: str
    line: str | None
    color: str | None
    lat: float
    lon: float
