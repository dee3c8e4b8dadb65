"""The public API of roles: one account rents and hosts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.client import RequestClient
from mesto.auth.profile.api import Service as Profiles
from mesto.auth.profile.schemas import Profile
from mesto.auth.roles.schemas import WantedRole
from mesto.auth.roles.service import Roles
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _roles(request: Request) -> Roles:
    roles: Roles = request.app.state.auth.roles
    return roles


Service = Annotated[Roles, Depends(_roles)]


@router.post("/me/roles", responses=problems(403, 404))
async def take_role(
    user: CurrentUser, body: WantedRole, client: RequestClient, roles: Service, profiles: Profiles
) -> Profile:
    """Become an owner too ("List your space"); nothing changes for who is one. The address must be verified.

    The tokens of before are refused by then: the next ones have the role.
    """
    await roles.take(user.user_id, body.role, client)
    return Profile.describe(*await profiles.get(user.user_id))
