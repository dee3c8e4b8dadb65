"""What the store of spaces returns and takes: whole spaces, and the JSON that their columns hold.

The shapes of JSON are what we write. Nobody has checked what somebody else wrote there by SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NotRequired, TypedDict, cast
from uuid import UUID, uuid5

from mesto.catalog.spaces import rules
from mesto.common.identity import emails
from mesto.contracts.spaces import Applied, Bookable, SpaceSpec

LocalizedText = Mapping[str, str | None]
"""A text by language."""


class PositionDocument(TypedDict):
    """WGS 84 degrees."""

    latitude: float
    longitude: float


class HoursDocument(TypedDict):
    """When a space opens on some days of the week."""

    days: list[str]
    open: str
    close: str


class ExceptionDocument(TypedDict):
    """When a space opens on a date, or that it does not."""

    date: str
    closed: bool
    open: str | None
    close: str | None


class PhotoDocument(TypedDict):
    """A picture by its address."""

    url: str
    caption: NotRequired[LocalizedText | None]


class PriceDocument(TypedDict):
    """A price; ``amount`` is a decimal."""

    per: str
    amount: str
    currency: str


class ResourceDocument(TypedDict):
    """Something that can be booked by the seat."""

    name: str
    kind: str
    title: LocalizedText | None
    seats: int
    capacity: int | None
    slot_minutes: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    buffer_minutes: int
    min_notice_minutes: int
    max_advance_days: int
    prices: list[PriceDocument]


class StoredResource(ResourceDocument):
    """The same with the id that bookings refer to."""

    id: str


class SpaceDocument(TypedDict):
    """A space in the shape of ``SpaceSpec.model_dump(mode="json")``."""

    title: LocalizedText
    description: LocalizedText | None
    city: str
    address: str
    location: PositionDocument
    time_zone: str
    opening_hours: list[HoursDocument]
    exceptions: list[ExceptionDocument]
    amenities: list[str]
    photos: list[PhotoDocument]
    contacts: LocalizedText | None
    owner_email: str | None
    resources: list[ResourceDocument]
    booking: Mapping[str, object] | None
    published: bool


class NamedDocument(TypedDict):
    """A city or a district as geo told it."""

    slug: str
    name: LocalizedText


class StopDocument(TypedDict):
    """A stop near a space as geo told it; ``metres`` is the straight line."""

    name: str
    line: NotRequired[str | None]
    color: NotRequired[str | None]
    metres: int


class LocatedDocument(TypedDict, total=False):
    """Where geo has placed a space."""

    space_revision: int
    city: NamedDocument | None
    district: NamedDocument | None
    transit: list[StopDocument]
    doubts: list[Mapping[str, str]]


def document_of(spec: SpaceSpec) -> SpaceDocument:
    """Return a spec as it is stored."""
    return cast(SpaceDocument, spec.model_dump(mode="json"))


def resource_id(space_id: UUID, name: str) -> UUID:
    """Return the id of a space's resource: the same for the same name, even after it was gone for a while."""
    return uuid5(space_id, name)


def owner_key(email: str | None) -> str | None:
    """Return the address that a resource names as its owner's in its common form; empty for what is no address."""
    return None if email is None else emails.key(email) or ""


@dataclass(frozen=True)
class SpaceOwnership:
    """Whose a space is: the address that its resource names (``owner_key``), since when it counts, and the account.

    No time: the address counts no more, because the account that the space belonged to is gone.
    """

    owner_key: str | None
    owner_named_at: datetime | None
    owner_id: UUID | None


@dataclass(frozen=True)
class NewSpace:
    """A space to be stored: who declares it under which slug, the resolved policy, and the spec that is in effect."""

    id: UUID
    uid: UUID
    namespace: str
    name: str
    generation: int
    release_to: str | None
    slug: str
    policy: Mapping[str, object]
    bookable_reason: str
    listing: str
    spec: SpaceDocument
    ownership: SpaceOwnership


@dataclass(frozen=True)
class Space:
    """A stored space with its resources: the columns of ``spaces``.

    ``owner_overrides`` (the column ``held``) is what the owner has set, ``applied`` what services have answered, by
    their names.
    """

    id: UUID
    uid: UUID
    namespace: str
    name: str
    generation: int
    managed: bool
    missing_since: datetime | None
    release_to: str | None
    removed: bool
    revision: int
    changed_xid: int
    created_at: datetime
    updated_at: datetime
    slug: str
    title: LocalizedText
    description: LocalizedText | None
    city: str
    address: str
    latitude: float
    longitude: float
    time_zone: str
    opening_hours: list[HoursDocument]
    exceptions: list[ExceptionDocument]
    amenities: list[str]
    photos: list[PhotoDocument]
    contacts: LocalizedText | None
    owner_email: str | None
    owner_key: str | None
    owner_named_at: datetime | None
    owner_id: UUID | None
    booking: Mapping[str, object] | None
    published: bool
    owner_overrides: Mapping[str, object]
    policy: Mapping[str, object]
    applied: Mapping[str, Mapping[str, object]]
    located: LocatedDocument | None
    located_revision: int
    district: str | None
    bookable_reason: str
    listing: str
    resources: list[StoredResource]

    @cached_property
    def document(self) -> SpaceDocument:
        """The spec that is in effect.

        Not validated: whatever somebody wrote by SQL shows, and differs from what was declared.
        """
        return {
            "title": self.title,
            "description": self.description,
            "city": self.city,
            "address": self.address,
            "time_zone": self.time_zone,
            "opening_hours": self.opening_hours,
            "exceptions": self.exceptions,
            "amenities": self.amenities,
            "photos": self.photos,
            "contacts": self.contacts,
            "owner_email": self.owner_email,
            "booking": self.booking,
            "published": self.published,
            "location": {"latitude": self.latitude, "longitude": self.longitude},
            "resources": [_without_id(resource) for resource in self.resources],
        }

    @property
    def answers(self) -> dict[str, Applied]:
        """What each service has answered last."""
        return {service: Applied.model_validate(answer) for service, answer in self.applied.items()}

    @property
    def listed(self) -> bool:
        """Whether the public may know of it."""
        return bool(self.published) and self.listing == rules.LISTED

    @property
    def ownership(self) -> SpaceOwnership:
        """Whose it is, as it is stored."""
        return SpaceOwnership(self.owner_key, self.owner_named_at, self.owner_id)

    @property
    def owner_decided(self) -> bool:
        """Whether ``owner_id`` says whose it is. Not yet of what the release before has written."""
        return self.owner_key is not None and self.owner_key == owner_key(self.owner_email)

    @property
    def managed_by(self) -> str:
        """The resource that declares it, for people."""
        return f"CoworkingSpace {self.namespace}/{self.name}"

    def bookable(self) -> Bookable:
        """Return whether it can be booked now."""
        answers = self.answers
        return rules.bookable(self.offer(self.listing), answers.get("booking"), answers.get("geo"))

    def offer(self, listing: str) -> rules.Offer:
        """Return it as far as it can be booked once it stands so with the public."""
        return rules.Offer(
            published=self.published,
            resources=len(self.resources),
            prices=sum(len(resource["prices"]) for resource in self.resources),
            ever_open=bool(self.opening_hours) or any(not day["closed"] for day in self.exceptions),
            revision=self.revision,
            listing=listing,
            was=self.bookable_reason,
        )


def _without_id(resource: StoredResource) -> ResourceDocument:
    return cast(ResourceDocument, {name: value for name, value in resource.items() if name != "id"})
