"""Bodies of registration."""

from __future__ import annotations

from typing import Annotated, Literal

from mesto.auth.accounts.schemas import Body, Name, Password, Phone
from mesto.auth.consents.schemas import ConsentIn
from mesto.common.identity.emails import Email
from pydantic import Field


class Registration(Body):
    """A new account. The password needs ten characters and some imagination.

    ``consents`` are to texts that were read.
    """

    email: Email
    password: Password
    name: Name
    phone: Phone | None = None
    role: Literal["renter", "owner"]
    consents: Annotated[list[ConsentIn], Field(default_factory=list, max_length=5)]
