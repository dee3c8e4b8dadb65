"""Owners' routes: their space with all that they may set of it, and the change."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends, Request
from mesto.catalog.answers import service as states
from mesto.catalog.search.api import IdOrSlug
from mesto.catalog.owner_edits import rules as ownership
from mesto.catalog.owner_edits.service import Owners, Wanted, managed_by, spec_of
from mesto.catalog.spaces.store import SpaceRow, document
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser
from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Line, Plain, Slug
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Location
from mesto.contracts.spaces import BookingPolicy, Contacts, Photo, ResourceSpec, SpaceSpec
from mesto.contracts.text import Description, Title
from pydantic import BaseModel, Field, model_validator

router = Router(tags=["owners"])
BODY_BYTES = 512 * 1024  # 200 resources, 400 dates or 50 photos with their captions, and some room


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

    def wanted(self) -> Wanted:
        """By path."""
        values: dict[str, Any] = {}
        for name in self.model_fields_set - {"accept_affected", "revision"}:
            given = getattr(self, name)
            if name not in ownership.PARTS:
                values[name] = self.model_dump(mode="json", include={name})[name]
            elif given is None:
                values |= {f"{name}.{part}": None for part in ownership.PARTS[name]}
            else:
                parts = given.model_dump(mode="json")
                values |= {f"{name}.{part}": parts[part] for part in given.model_fields_set}
        return Wanted(values, self.accept_affected, self.revision)


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


def _view(row: SpaceRow) -> OwnedSpace:
    return OwnedSpace(
        id=row.id,
        slug=row.slug,
        revision=row.revision,
        managed_by=managed_by(row),
        locked=ownership.locked(states.declared(row)),
        spec=spec_of(document(row)),
    )


async def _owners(request: Request) -> Owners:
    owners: Owners = request.app.state.owners
    return owners


Service = Annotated[Owners, Depends(_owners)]


@router.get("/spaces/{id_or_slug}/settings", responses=problems(403, 404))
async def get_space_settings(id_or_slug: IdOrSlug, user: CurrentUser, owners: Service) -> OwnedSpace:
    """For its owner: the whole space, and which fields the platform's resource has locked."""
    return _view(await owners.get(user, id_or_slug))


@router.patch("/spaces/{id_or_slug}", responses=problems(403, 404, 409, 424))
async def change_space(id_or_slug: IdOrSlug, body: SpaceEdit, user: CurrentUser, owners: Service) -> OwnedSpace:
    """For its owner: set what the resource leaves out.

    A declared field is refused (409 locked-field, ``managed_by`` says who declares it). So is a change that would
    strand bookings (409 would-affect-bookings, ``bookings`` says how many) unless it says that this is accepted, and of
    which revision. One that names a revision which is not the newest is refused (409 stale-revision).
    """
    return _view(await owners.change(user, id_or_slug, body.wanted()))
