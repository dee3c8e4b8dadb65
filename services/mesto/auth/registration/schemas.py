"""Bodies of registration."""

from __future__ import annotations

from typing import Literal

from mesto.auth.accounts.schemas import Body, Name, Password, Phone
from mesto.common.identity.emails import Email


class Registration(Body):
    """A new account. The password needs ten characters and some imagination."""

    email: Email
    password: Password
    name: Name
    phone: Phone | None = None
    role: Literal["renter", "owner"]
