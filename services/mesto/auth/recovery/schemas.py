"""Bodies of recovery."""

from __future__ import annotations

from mesto.auth.accounts.schemas import Password
from mesto.auth.links.schemas import Proof


class NewPassword(Proof):
    """The token of a mailed link, and the password that counts from now on."""

    password: Password
