"""Bodies of changing an address."""

from __future__ import annotations

from typing import Annotated

from mesto.auth.accounts.schemas import Body
from mesto.common.identity.emails import Email
from mesto.contracts.fields import Plain
from pydantic import Field


class NewEmail(Body):
    """The address that the account is to have."""

    email: Email


class LinkToken(Body):
    """The token of a mailed link."""

    token: Annotated[Plain, Field(min_length=1, max_length=200)]
