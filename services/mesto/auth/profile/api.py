"""The public API of one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.client import RequestClient
from mesto.auth.profile.schemas import PasswordChange, Profile, ProfileEdit
from mesto.auth.profile.service import Profiles
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _profiles(request: Request) -> Profiles:
    profiles: Profiles = request.app.state.auth.profiles
    return profiles


Service = Annotated[Profiles, Depends(_profiles)]


@router.get("/me", responses=problems(404))
async def me(user: CurrentUser, profiles: Service) -> Profile:
    """The account of the access token."""
    return Profile.describe(*await profiles.get(user.user_id))


@router.patch("/me", responses=problems(404))
async def edit_me(client: RequestClient, user: CurrentUser, body: ProfileEdit, profiles: Service) -> Profile:
    """Change the name, the phone or the language of mails. What is left out stays, null removes the phone."""
    phone = (body.phone or "") if "phone" in body.model_fields_set else None
    edited = await profiles.edit(user.user_id, name=body.name, phone=phone, locale=body.locale, client=client)
    return Profile.describe(*edited)


@router.post("/password", status_code=204, responses=problems(404, 429))
async def change_password(client: RequestClient, user: CurrentUser, body: PasswordChange, profiles: Service) -> None:
    """Change the password. All other sessions end; a wrong current one is answered with 422 at its field."""
    await profiles.change_password(user.user_id, user.session_id, body.current, body.new, client)
