"""What the store of ownership returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from mesto.catalog.ownership.rules import Tenure
from mesto.catalog.spaces.records import LocalizedText


class SpanDocument(TypedDict):
    """An address in its common form, and when it was an account's and verified (RFC 3339; no ``until``: it is)."""

    address: str
    since: str
    until: str | None


@dataclass(frozen=True)
class Account:
    """Somebody with an account; ``removed``: a tombstone, without anything personal.

    ``address`` is the present one in its common form, ``spans`` are those that it has verified, earlier ones too.
    """

    user_id: UUID
    revision: int
    removed: bool
    address: str | None
    email_verified: bool
    spans: list[SpanDocument]

    @property
    def addresses(self) -> list[str]:
        """All that it has verified."""
        return sorted({span["address"] for span in self.spans})

    def tenures(self) -> list[tuple[str, Tenure]]:
        """Return its addresses with when they were its own."""
        return [
            (
                span["address"],
                Tenure(
                    self.user_id,
                    datetime.fromisoformat(span["since"]),
                    datetime.fromisoformat(span["until"]) if span["until"] else None,
                ),
            )
            for span in self.spans
        ]


@dataclass(frozen=True)
class NamedSpace:
    """A space as far as it is somebody's: the address that its resource names in its common form, and since when."""

    id: UUID
    owner_key: str | None
    owner_named_at: datetime | None
    owner_id: UUID | None


@dataclass(frozen=True)
class Invitee:
    """An address that a space names and nobody has an account with."""

    email: str
    address_hash: str
    space_id: UUID
    title: LocalizedText
