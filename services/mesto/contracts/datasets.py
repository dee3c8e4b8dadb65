"""What geo says of datasets to those that load them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class DatasetLoaded(BaseModel):
    """What became of a dataset; ``unchanged``: the very same content was there before. ``relocated`` counts spaces."""

    features: int
    checksum: str
    unchanged: bool
    repaired: int = 0
    relocated: int = 0


class DatasetState(BaseModel):
    """What is loaded under a name. ``intact``: the rows are those that were stored, None when that was not asked.

    ``owner`` and ``generation`` are of the custom resource that declares it; ``source`` is the edition of its source,
    ``checked_at`` when that was last found to say this.
    """

    city: str
    type: Literal["districts", "stops"]
    level: Literal["okrug", "district"] | None
    features: int
    repaired: int
    checksum: str
    loaded_at: datetime
    checked_at: datetime
    owner: UUID | None
    generation: int | None
    source: str
    intact: bool | None = None
