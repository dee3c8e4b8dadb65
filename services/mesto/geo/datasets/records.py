"""What the store of datasets returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from geoalchemy2 import WKBElement

DatasetType = Literal["districts", "stops"]
Level = Literal["okrug", "district"]


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset besides its features.

    ``owner`` and ``generation`` are of the GeoDataset that declares it, None when none does; ``source`` is the edition
    of its source, ``checked_at`` when that was last found to say this; ``digest`` is a hash of the rows as stored.
    """

    name: str
    city: str
    type: DatasetType
    level: Level | None
    checksum: str
    features: int
    repaired: int
    digest: str
    loaded_at: datetime
    checked_at: datetime
    owner: UUID | None
    generation: int | None
    source: str


@dataclass(frozen=True)
class Declaration:
    """The GeoDataset that declares a dataset, and which edition of its source this is."""

    owner: UUID
    generation: int
    source: str


@dataclass(frozen=True)
class NewDataset:
    """A dataset to be stored."""

    name: str
    city: str
    type: DatasetType
    level: Level | None
    checksum: str
    features: int
    repaired: int


@dataclass(frozen=True)
class NewDistrict:
    """A district to be stored; ``names`` are by language."""

    slug: str
    names: dict[str, str | None]
    area: WKBElement


@dataclass(frozen=True)
class NewStop:
    """A stop to be stored; ``lat`` and ``lon`` in WGS 84 degrees, ``color`` as #RRGGBB."""

    name: str
    line: str | None
    color: str | None
    lat: float
    lon: float
