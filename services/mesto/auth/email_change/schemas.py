"""The body of changing an address."""

from __future__ import annotations

from mesto.auth.accounts.schemas import Body
from mesto.common.identity.emails import Email


class NewEmail(Body):
    """The address that the account is to have."""

    email: Email
