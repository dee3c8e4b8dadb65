"""Bodies of the sessions' API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from mesto.auth.accounts.schemas import Body, Password
from mesto.contracts.fields import Flag, Plain
from pydantic import BaseModel, Field


class Credentials(Body):
    """What somebody signs in with. ``remember``: the session outlives the browser."""

    email: Annotated[Plain, Field(max_length=254)]
    password: Password
    remember: Flag = True


class PasswordAgain(Body):
    """A proof that whoever is signed in is still the one who signed in."""

    password: Password


class Tokens(BaseModel):
    """An access token; the refresh token is in the cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int


class SessionView(BaseModel):
    """A sign-in as its account's holder sees it.

    ``device`` is the browser and the system, empty when the browser does not say it; ``place`` is where its network is,
    None when the platform does not know. ``expires_at`` is when it ends unless it is used before.
    """

    id: UUID
    device: str
    device_kind: Literal["computer", "phone", "tablet", "other"]
    place: str | None
    signed_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class SessionList(BaseModel):
    """The sign-ins of an account that are not over, the last used first."""

    items: list[SessionView]
