"""What spiders tell catalog about competitors' offers, and what the operator learns about their runs.

A run delivers its offers in numbered batches and ends with an outcome. Only a run that ended well shows: its offers
then replace those of the run before, all at once.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args
from uuid import UUID

from mesto.contracts.base import Contract
from mesto.contracts.fields import Count, Instant, Plain, Slug
from mesto.contracts.money import Money, Price
from mesto.contracts.places import Location
from mesto.contracts.spaces import ResourceKind
from pydantic import Field

BATCH = 100
"""Offers in one batch; all but the last one may as well be full."""
MAX_BATCHES = 1000
RUNS_KEPT = 50
"""Runs that catalog remembers of each target."""
Failure = Literal["dns", "timeout", "http", "robots", "blocked", "parse", "empty", "coverage", "crashed"]
FAILURES: tuple[str, ...] = get_args(Failure)
Ended = Literal["succeeded", Failure]
Outcome = Literal["running", Ended]
RunId = Annotated[str, Field(pattern=r"^[a-z0-9][-a-z0-9]{0,63}$", min_length=1, max_length=64)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", min_length=1, max_length=253)]
Share = Annotated[Count, Field(ge=0, le=100)]
Total = Annotated[Count, Field(ge=0, le=BATCH * MAX_BATCHES)]
_YEAR_MINUTES, _YEAR_HOURS = 525_600, 8_760


class Terms(Contract):
    """What a competitor asks for; None: not said."""

    min_duration_minutes: Count | None = Field(default=None, ge=0, le=_YEAR_MINUTES)
    notice_minutes: Count | None = Field(default=None, ge=0, le=_YEAR_MINUTES)
    cancellation_hours: Count | None = Field(default=None, ge=0, le=_YEAR_HOURS)
    deposit: Money | None = None


class Offer(Contract):
    """One offer as it was found. ``price`` is None when ``price_text`` names no amount, currency or known unit."""

    name: Plain = Field(min_length=1, max_length=300)
    url: Plain | None = Field(default=None, max_length=2048)
    kind: ResourceKind | None = None
    city: Slug | None = None
    address: Plain | None = Field(default=None, max_length=500)
    location: Location | None = None
    price: Price | None = None
    price_text: Plain | None = Field(default=None, max_length=500)
    amenities: list[Annotated[Plain, Field(max_length=100)]] = Field(default_factory=list, max_length=50)
    terms: Terms = Field(default_factory=Terms)
    seen_at: Instant


class RunStart(Contract):
    """A run of a target begins."""

    target: UUID
    namespace: Name
    name: Name
    started_at: Instant


class OfferBatch(Contract):
    """Some offers of a run; the same batch again replaces what it delivered before."""

    items: list[Offer] = Field(min_length=1, max_length=BATCH)


class Coverage(Contract):
    """How many of a run's offers had a field, in percent."""

    url: Share = 0
    address: Share = 0
    price: Share = 0
    amenities: Share = 0
    terms: Share = 0


class RunEnd(Contract):
    """How a run ended. ``items`` is how many offers it delivered; a well-ended run with others stored is refused."""

    outcome: Ended
    message: Plain = Field(default="", max_length=1000)
    items: Total
    pages: Count = Field(default=0, ge=0, le=1_000_000)
    coverage: Coverage | None = None
    finished_at: Instant


class Run(Contract):
    """A run as catalog remembers it. ``shown``: its offers are those that the public sees."""

    id: RunId
    target: UUID
    started_at: Instant
    finished_at: Instant | None
    outcome: Outcome
    message: Plain = Field(max_length=1000)
    items: Total
    pages: Count = Field(ge=0, le=1_000_000)
    coverage: Coverage | None
    shown: bool


class TargetState(Contract):
    """A target with its runs, newest first, at most RUNS_KEPT. ``gone``: its resource was deleted, no run begins."""

    uid: UUID
    namespace: Name
    name: Name
    gone: bool
    offers: Total
    runs: list[Run] = Field(max_length=RUNS_KEPT)
