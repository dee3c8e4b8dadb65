"""What the store of users returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Owner:
    """Somebody who may own spaces: an account with a verified address, in its common form.

    The address counts only for spaces of which nobody has decided yet whose they are.
    """

    id: UUID
    email: str


@dataclass(frozen=True)
class User:
    """Somebody with an account; ``removed``: a tombstone, without anything personal."""

    id: UUID
    revision: int
    removed: bool
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: list[str]
