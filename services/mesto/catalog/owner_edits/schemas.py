"""What owners send of their spaces, and what they see."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from mesto.catalog.owner_edits.records import SpacePatch
from mesto.catalog.owner_edits.rules import PARTS
from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Line, Plain, Slug
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Location
from mesto.contracts.spaces import Bookable, BookingPolicy, Contacts, Photo, ResourceSpec, SpaceSpec
from mesto.contracts.text import Description, Title
from pydantic import BaseModel, Field, model_validator


class SpaceEdit(Contract):
    """What to change: fields that are left out stay, null takes the owner's value back.

    Of texts, contacts and the booking policy only the parts that are named change; lists are replaced.
    """

    title: Title | None = None
    description: Description | None = None
    city: Slug | None = None
    address: Line | None = Field(default=None, max_length=500)
    location: Location | None = None
    time_zone: Plain | None = Field(default=None, max_length=64)
    opening_hours: list[Hours] | None = Field(default=None, max_length=50)
    exceptions: list[HoursException] | None = Field(default=None, max_length=400)
    amenities: list[Slug] | None = Field(default=None, max_length=100)
    photos: list[Photo] | None = Field(default=None, max_length=50)
    contacts: Contacts | None = None
    resources: list[ResourceSpec] | None = Field(default=None, max_length=200)
    booking: BookingPolicy | None = None
    published: Flag | None = None
    accept_affected: Flag = Field(default=False, description="Although it strands bookings of this `revision`.")
    revision: Count | None = Field(default=None, ge=1, le=INT64, description="The one that was looked at.")

    @model_validator(mode="after")
    def _accepts_something(self) -> Self:
        if self.accept_affected and self.revision is None:
            raise ValueError("To accept what is affected say which revision you have looked at.")
        return self

    def patch(self) -> SpacePatch:
        """Return it by path."""
        values: dict[str, object] = {}
        for name in self.model_fields_set - {"accept_affected", "revision"}:
            given = getattr(self, name)
            if name not in PARTS:
                values[name] = self.model_dump(mode="json", include={name})[name]
            elif given is None:
                values |= {f"{name}.{part}": None for part in PARTS[name]}
            else:
                parts = given.model_dump(mode="json")
                values |= {f"{name}.{part}": parts[part] for part in given.model_fields_set}
        return SpacePatch(values, self.accept_affected, self.revision)


class OwnedSpaceSummary(BaseModel):
    """A space in its owner's list; ``listed``: the public is shown it."""

    id: UUID
    slug: str
    title: str
    city: str = Field(description="Its slug.")
    address: str
    published: bool
    listed: bool
    bookable: Bookable
    managed_by: str = Field(examples=["CoworkingSpace moscow/loft"])


class OwnedSpaces(BaseModel):
    """Spaces by id; ``next_cursor`` is null on the last page."""

    items: list[OwnedSpaceSummary]
    next_cursor: str | None


class OwnedSpace(BaseModel):
    """A space with the texts of both languages.

    ``locked`` names the fields (``contacts.email``: a part) that ``managed_by`` declares; the others are the owner's.
    """

    id: UUID
    slug: str
    revision: int
    managed_by: str = Field(examples=["CoworkingSpace moscow/loft"])
    locked: list[str]
    spec: SpaceSpec
