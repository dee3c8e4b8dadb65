"""Bodies of recovery."""

from __future__ import annotations

from typing import Annotated

from mesto.auth.accounts.schemas import Body, Password
from mesto.contracts.fields import Plain
from pydantic import Field


class ForgottenPassword(Body):
    """Whoever has this address."""

    email: Annotated[Plain, Field(max_length=254)]


class NewPassword(Body):
    """The token of a mailed link, and the password that counts from now on."""

    token: Annotated[Plain, Field(min_length=1, max_length=200)]
    password: Password
