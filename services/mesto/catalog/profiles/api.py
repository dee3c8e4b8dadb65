"""The public API of single spaces."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.catalog.profiles.schemas import SpaceProfile
from mesto.catalog.profiles.service import Profiles, space_profile
from mesto.catalog.search.api import IN_A_LANGUAGE, InLanguage
from mesto.catalog.spaces.schemas import IdOrSlug
from mesto.common.http.api import Router, problems

router = Router(tags=["spaces"])


async def _profiles(request: Request) -> Profiles:
    profiles: Profiles = request.app.state.catalog.profiles
    return profiles


@router.get("/spaces/{id_or_slug}", responses={**IN_A_LANGUAGE, **problems(308, 404)})
async def get_space(
    id_or_slug: IdOrSlug, profiles: Annotated[Profiles, Depends(_profiles)], language: InLanguage
) -> SpaceProfile:
    """One listed space by its id or slug; 308 leads from a slug that it had to the one that it has."""
    return space_profile(await profiles.find(id_or_slug), language)
