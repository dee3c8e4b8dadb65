"""Bodies of the sessions' API."""

from __future__ import annotations

from typing import Annotated, Literal

from mesto.auth.accounts.schemas import Body, Password
from mesto.contracts.fields import Plain
from pydantic import BaseModel, Field


class Credentials(Body):
    email: Annotated[Plain, Field(max_length=254)]
    password: Password


class Tokens(BaseModel):
    """An access token; the refresh token is in the cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
