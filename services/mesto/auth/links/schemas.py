"""Bodies of what is done by mailed links, whatever their purpose."""

from __future__ import annotations

from typing import Annotated

from mesto.auth.accounts.schemas import Body
from mesto.contracts.fields import Plain
from pydantic import Field


class Proof(Body):
    """The token of a mailed link."""

    token: Annotated[Plain, Field(min_length=1, max_length=200)]


class Addressee(Body):
    """Whoever has this address."""

    email: Annotated[Plain, Field(max_length=254)]
