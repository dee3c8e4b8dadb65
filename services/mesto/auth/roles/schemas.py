"""Bodies of the roles' API."""

from __future__ import annotations

from typing import Literal

from mesto.auth.accounts.schemas import Body


class WantedRole(Body):
    """A role that somebody takes without asking anybody."""

    role: Literal["owner"]
