"""What the store of competitors' offers returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mesto.contracts.money import Per
from mesto.contracts.offers import Outcome
from mesto.contracts.spaces import ResourceKind


@dataclass(frozen=True)
class Target:
    """What is read for offers. ``shown_run`` is the run whose offers are shown.

    ``deleted``: its resource is gone, so nothing more comes from its runs.
    """

    uid: UUID
    namespace: str
    name: str
    shown_run: str | None
    deleted: bool


@dataclass(frozen=True)
class ScrapeRun:
    """A run of a target; ``items`` offers were found on ``pages``."""

    id: str
    target: UUID
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    message: str
    items: int
    pages: int
    coverage: Mapping[str, object] | None


@dataclass(frozen=True)
class ShownOffer:
    """An offer that the public sees, with the target that it was found for."""

    target: UUID
    run: str
    position: int
    namespace: str
    target_name: str
    name: str
    url: str | None
    kind: ResourceKind | None
    city: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    amount: Decimal | None
    currency: str | None
    per: Per | None
    price_text: str | None
    amenities: list[str]
    terms: Mapping[str, object]
    seen_at: datetime
