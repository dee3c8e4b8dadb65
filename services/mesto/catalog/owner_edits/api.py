"""Owners' routes: their space with all that they may set of it, and the change."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.catalog.owner_edits import rules
from mesto.catalog.owner_edits.schemas import OwnedSpace, OwnedSpaces, OwnedSpaceSummary, SpaceEdit
from mesto.catalog.owner_edits.service import OwnerEdits, spec_of
from mesto.catalog.spaces.records import Space
from mesto.catalog.spaces.schemas import IdOrSlug
from mesto.common.http.api import InLanguage, Router, problems
from mesto.common.identity.tokens import CurrentUser
from mesto.contracts.fields import Plain
from mesto.contracts.text import Language, choose

router = Router(tags=["owners"])
BODY_BYTES = 512 * 1024  # 200 resources, 400 dates or 50 photos with their captions, and some room


async def _owner_edits(request: Request) -> OwnerEdits:
    owner_edits: OwnerEdits = request.app.state.catalog.owner_edits
    return owner_edits


Service = Annotated[OwnerEdits, Depends(_owner_edits)]


def _view(space: Space) -> OwnedSpace:
    return OwnedSpace(
        id=space.id,
        slug=space.slug,
        revision=space.revision,
        managed_by=space.managed_by,
        locked=rules.locked(rules.declared_spec(space.document, space.owner_overrides)),
        spec=spec_of(space.document),
    )


@router.get("/owned-spaces", responses=problems(403))
async def list_owned_spaces(
    user: CurrentUser,
    owner_edits: Service,
    language: InLanguage,
    cursor: Annotated[Plain, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> OwnedSpaces:
    """One's own spaces, published or not. The address must be verified."""
    found, following = await owner_edits.list_page(user, cursor, limit)
    return OwnedSpaces(items=[_summary(space, language) for space in found], next_cursor=following)


def _summary(space: Space, language: Language) -> OwnedSpaceSummary:
    return OwnedSpaceSummary(
        id=space.id,
        slug=space.slug,
        title=choose(space.title, language) or space.slug,
        city=space.city,
        address=space.address,
        published=space.published,
        listed=space.listed,
        bookable=space.bookable(),
        managed_by=space.managed_by,
    )


@router.get("/spaces/{id_or_slug}/settings", responses=problems(403, 404))
async def get_space_settings(id_or_slug: IdOrSlug, user: CurrentUser, owner_edits: Service) -> OwnedSpace:
    """For its owner: the whole space, and which fields the platform's resource has locked."""
    return _view(await owner_edits.get(user, id_or_slug))


@router.patch("/spaces/{id_or_slug}", responses=problems(403, 404, 409, 424))
async def change_space(id_or_slug: IdOrSlug, body: SpaceEdit, user: CurrentUser, owner_edits: Service) -> OwnedSpace:
    """For its owner: set what the resource leaves out.

    A declared field is refused (409 locked-field, ``managed_by`` says who declares it). So is a change that would
    strand bookings (409 would-affect-bookings, ``bookings`` says how many) unless it says that this is accepted, and of
    which revision. One that names a revision which is not the newest is refused (409 stale-revision).
    """
    return _view(await owner_edits.change(user, id_or_slug, body.patch()))
