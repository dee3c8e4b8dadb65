"""What the operator tells catalog about a declared space, and what catalog answers.

These are the narrow contract between the two; enums are snake_case here and PascalCase in custom resources.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Line, Plain, Slug
from mesto.contracts.money import Price
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Location
from mesto.contracts.text import Description, Text, Title
from pydantic import ConfigDict, Field, JsonValue, model_validator

ResourceKind = Literal["hot_desk", "dedicated_desk", "meeting_room", "office", "event_space"]
ResourceName = Annotated[
    str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", max_length=317)
]
"""A custom resource: its namespace and name."""


class Photo(Contract):
    """A picture by its address."""

    url: Plain = Field(max_length=2048)
    caption: Title | None = None


class Contacts(Contract):
    """How to reach the space."""

    phone: Plain | None = Field(default=None, max_length=32)
    email: Plain | None = Field(default=None, max_length=254)
    website: Plain | None = Field(default=None, max_length=2048)


class CancellationTier(Contract):
    """Cancelled at least ``before_minutes`` before the start, the renter gets ``refund_percent`` back."""

    before_minutes: Count = Field(ge=0, le=525_600)
    refund_percent: Count = Field(ge=0, le=100)


class BookingPolicy(Contract):
    """How bookings of a space are accepted, held and cancelled. None: the platform's value, else the built-in one."""

    approval: Literal["instant", "owner"] | None = None
    hold_minutes: Count | None = Field(default=None, ge=1, le=120)
    cancellation: list[CancellationTier] | None = Field(default=None, max_length=10)


class ResourceSpec(Contract):
    """Something of a space that can be booked by the seat. ``name`` is stable and unique in the space."""

    name: Slug
    kind: ResourceKind
    title: Title | None = None
    seats: Count = Field(ge=1, le=10_000)
    capacity: Count | None = Field(default=None, ge=1, le=10_000, description="People who fit.")
    prices: list[Price] = Field(default_factory=list, max_length=10)
    slot_minutes: Count = Field(default=30, ge=5, le=1440, multiple_of=5)
    min_duration_minutes: Count | None = Field(default=None, ge=5, le=525_600)
    max_duration_minutes: Count | None = Field(default=None, ge=5, le=525_600)
    buffer_minutes: Count = Field(default=0, ge=0, le=1440, multiple_of=5)
    min_notice_minutes: Count = Field(default=0, ge=0, le=525_600)
    max_advance_days: Count = Field(default=90, ge=1, le=730)


class SpaceSpec(Contract):
    """A space as declared. None means: not declared here (the owner's value, else the platform's, else built in)."""

    title: Title
    description: Description | None = None
    city: Slug
    address: Line = Field(min_length=1, max_length=500)
    location: Location
    time_zone: Plain = Field(max_length=64)
    opening_hours: list[Hours] = Field(default_factory=list, max_length=50)
    exceptions: list[HoursException] = Field(default_factory=list, max_length=400)
    amenities: list[Slug] = Field(default_factory=list, max_length=100)
    photos: list[Photo] = Field(default_factory=list, max_length=50)
    contacts: Contacts | None = None
    owner_email: Plain | None = Field(default=None, max_length=254)
    resources: list[ResourceSpec] = Field(default_factory=list, max_length=200)
    booking: BookingPolicy | None = None
    published: Flag = True


_EXAMPLE: dict[str, JsonValue] = {
    "namespace": "moscow",
    "name": "loft",
    "generation": 1,
    "slug": "loft",
    "spec": {
        "title": {"ru": "Лофт", "en": "Loft"},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "time_zone": "Europe/Moscow",
        "opening_hours": [{"days": ["mon", "tue"], "open": "08:00", "close": "22:00"}],
        "resources": [
            {
                "name": "open-space",
                "kind": "hot_desk",
                "seats": 3,
                "prices": [{"per": "hour", "amount": "250.00", "currency": "RUB"}],
            }
        ],
    },
}


class SpaceUpsert(Contract):
    """The body of ``PUT /internal/spaces/{uid}``: one generation of one custom resource."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    namespace: Plain = Field(max_length=63)
    name: Plain = Field(max_length=253)
    generation: Count = Field(ge=1, le=INT64)
    slug: Slug
    adopt: UUID | None = None
    release_to: ResourceName | None = None  # who may take the space once this resource has left it
    accept_affected: Flag = False  # although it strands confirmed bookings
    spec: SpaceSpec


def fingerprint(slug: str, document: Mapping[str, object], release_to: str | None = None) -> str:
    """Return the hash behind ``SpaceState.fingerprint``; ``document`` is ``SpaceSpec.model_dump(mode="json")``."""
    told = [slug, document, release_to] if release_to else [slug, document]
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Bookable(Contract):
    """Whether a renter can book now, and if not why (``Unpublished``, ``NoResources``, ``NoPrices`` …)."""

    status: bool
    reason: str
    message: str = ""


class Applied(Contract):
    """What a service answered about a revision of a space; booking also whether it can be booked.

    Of answers about one revision that with the higher ``sequence`` counts.
    """

    revision: int
    outcome: Literal["applied", "refused"]
    reason: str
    message: str = ""
    bookable: Bookable | None = None
    sequence: int = 0


class Stop(Contract):
    """A public transport stop near a space; ``metres`` is the straight line."""

    name: str
    line: str | None = None
    color: str | None = None
    metres: int


class Named(Contract):
    """A city or district by slug with its names."""

    slug: str
    name: Text


class Doubt(Contract):
    """What may be a mistake and may be meant: ``reason`` is CamelCase and stable, ``message`` is for people."""

    reason: str
    message: str


class Located(Contract):
    """Where geo has placed a revision of a space, and what it doubts about the place."""

    space_revision: int
    city: Named | None = None
    district: Named | None = None
    transit: list[Stop] = Field(default_factory=list)
    doubts: list[Doubt] = Field(default_factory=list)


class SpaceState(Contract):
    """All that the operator needs for a resource's status; also an item of the change feed.

    ``revision`` is catalog's revision of the space, ``generation`` the resource's generation that it came from.
    ``applied`` maps a service's name (booking, geo) to its newest answer. ``fingerprint`` is a hash of the stored
    declared spec: it differs from the hash of what was sent once somebody has edited the row. ``url`` is the page of
    the space, empty while the public is not shown any. ``owner_claimed``: an account has verified the address that the
    resource names as its owner's; None where it names none, or catalog has not decided yet.
    """

    uid: UUID
    namespace: str
    name: str
    space_id: UUID
    slug: str
    url: str
    revision: int
    generation: int
    removed: bool = False
    bookable: Bookable
    applied: dict[str, Applied] = Field(default_factory=dict)
    located: Located | None = None
    fingerprint: str = ""
    owner_claimed: bool | None = None


class SpaceUpsertResult(Contract):
    """The answer to an accepted upsert. ``unchanged``: this very generation and content was applied before."""

    outcome: Literal["created", "updated", "unchanged", "adopted"]
    state: SpaceState


MOST_UPSERTS = 32
"""In one request: catalog answers nobody else while it reads and writes them down."""


class SpaceUpsertItem(SpaceUpsert):
    """An upsert among others."""

    uid: UUID


class SpaceUpserts(Contract):
    """The body of ``POST /internal/spaces``: generations of different custom resources."""

    items: list[SpaceUpsertItem] = Field(min_length=1, max_length=MOST_UPSERTS)

    @model_validator(mode="after")
    def _different(self) -> Self:
        for what, keys in (
            ("uid", [item.uid for item in self.items]),
            ("namespace and name", [(item.namespace, item.name) for item in self.items]),
        ):
            if len(set(keys)) < len(keys):
                raise ValueError(f"Two items have the same {what}.")
        return self


class Fault(Contract):
    """A field that is wrong; ``field`` is a dotted path."""

    field: str
    message: str


class SpaceRefusal(Contract):
    """Why an upsert was refused, as its problem would say it alone: ``slug`` is the end of the problem's type."""

    status: int
    slug: str
    detail: str
    errors: list[Fault] = Field(default_factory=list)


class SpaceAnswer(Contract):
    """What became of one upsert: a result, or a refusal."""

    uid: UUID
    result: SpaceUpsertResult | None = None
    refusal: SpaceRefusal | None = None


class SpaceAnswers(Contract):
    """An answer to each item, in their order."""

    items: list[SpaceAnswer]


class StoredSpace(Contract):
    """A space with the spec as its row holds it: the declared one, and what its owner has set.

    ``spec`` has the shape of ``SpaceSpec`` but was not checked: what somebody wrote by SQL shows. ``managed`` is False
    when no resource declares it.
    """

    space_id: UUID
    namespace: str
    name: str
    slug: str
    managed: bool
    spec: dict[str, JsonValue]


class StoredSpaces(Contract):
    """Spaces by id; ``next_cursor`` is null on the last page."""

    items: list[StoredSpace]
    next_cursor: str | None = None


class ManagedSpace(Contract):
    """A space that a resource manages; ``missing_since`` is when it was first found that there is no such resource."""

    uid: UUID
    namespace: str
    name: str
    slug: str
    missing_since: datetime | None = None


class ManagedSpaces(Contract):
    """Spaces by id; ``next_cursor`` is null on the last page."""

    items: list[ManagedSpace]
    next_cursor: str | None = None


MOST_COMPARED = 500
"""Names or uids of each sort in one report."""


class Comparison(Contract):
    """What the operator has found by comparing managed spaces with the resources of ``namespaces`` (empty: of all).

    ``missing`` are uids of spaces whose resource does not exist, ``found`` of those whose resource does after all,
    ``unstored`` resources that say they are stored and are not.
    """

    namespaces: list[Annotated[Plain, Field(max_length=63)]] = Field(default_factory=list, max_length=1000)
    missing: list[UUID] = Field(default_factory=list, max_length=MOST_COMPARED)
    found: list[UUID] = Field(default_factory=list, max_length=MOST_COMPARED)
    unstored: list[ResourceName] = Field(default_factory=list, max_length=MOST_COMPARED)


class SpaceChanges(Contract):
    """A page of the change feed; pass ``next_cursor`` to go on (it is set even when ``items`` is empty)."""

    items: list[SpaceState]
    next_cursor: str
