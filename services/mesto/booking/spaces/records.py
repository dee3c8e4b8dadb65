"""Spaces and resources as the stores return and take them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from mesto.booking.opening_hours.rules import DateException, WeeklyHours
from mesto.booking.pricing.rules import CancellationTerm, DeclaredPrice
from mesto.booking.spaces.rules import place_of
from mesto.contracts.places import Place

Translations = dict[str, str | None]
"""A text by language."""
Approval = Literal["instant", "owner"]


class ProposedResource(TypedDict):
    """A resource as a proposal has it to be."""

    id: str
    seats: int
    prices: list[DeclaredPrice]
    slot_minutes: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    buffer_minutes: int
    min_notice_minutes: int
    max_advance_days: int


class ProposedRules(TypedDict):
    """A space as a proposal has it to be."""

    time_zone: str
    opening_hours: list[WeeklyHours]
    exceptions: list[DateException]
    published: bool
    resources: list[ProposedResource]
    place: NotRequired[dict[str, object] | None]


class StoredProposal(TypedDict):
    """A change that catalog is about to make, with its revision; forgotten after ``until``. No space: it goes."""

    revision: int
    until: str
    space: ProposedRules | None


Proposals = dict[str, StoredProposal]
"""Proposals of a space, by their ids."""


@dataclass(frozen=True)
class DeclaredSpace:
    """What booking keeps of a space as catalog tells of it, and what booking answered (``reason``, ``message``)."""

    id: UUID
    revision: int
    removed: bool
    published: bool
    slug: str
    title: Translations
    address: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    opening_hours: list[WeeklyHours]
    exceptions: list[DateException]
    approval: Approval
    hold_minutes: int
    cancellation: list[CancellationTerm]
    owner_email: str | None
    owner_id: UUID | None
    owner_decided: bool
    reason: str
    message: str

    @property
    def place(self) -> Place:
        """Where it is."""
        return place_of(self.address, self.latitude, self.longitude)


@dataclass(frozen=True)
class Space(DeclaredSpace):
    """A space with what booking has found out about it.

    ``proposals`` are changes that catalog is about to make. ``bookable`` is the verdict that catalog was told last,
    ``bookable_sequence`` its number, ``bookable_due`` when it is to be reckoned anew.
    """

    proposals: Proposals | None
    bookable: dict[str, object] | None
    bookable_sequence: int
    bookable_due: datetime | None


@dataclass(frozen=True)
class DeclaredResource:
    """What booking keeps of a resource as catalog tells of it; not ``active``: its space no longer declares it."""

    id: UUID
    space_id: UUID
    active: bool
    name: str
    kind: str
    title: Translations
    seats: int
    prices: list[DeclaredPrice]
    slot_minutes: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    buffer_minutes: int
    min_notice_minutes: int
    max_advance_days: int


@dataclass(frozen=True)
class Resource(DeclaredResource):
    """A resource with the unit of time, in minutes, that its seats are counted by."""

    unit_minutes: int


@dataclass(frozen=True)
class BookableResource(Resource):
    """A resource with the rules of its space."""

    space_revision: int
    proposals: Proposals | None
    removed: bool
    published: bool
    space_slug: str
    space_title: Translations
    address: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    opening_hours: list[WeeklyHours]
    exceptions: list[DateException]
    approval: Approval
    hold_minutes: int
    cancellation: list[CancellationTerm]
    owner_email: str | None
    owner_id: UUID | None
    owner_decided: bool

    @property
    def place(self) -> Place:
        """Where its space is."""
        return place_of(self.address, self.latitude, self.longitude)
