"""Whose a declared space is: pure, and the same in whatever order things become known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

ALWAYS = datetime.fromtimestamp(0, UTC)
"""Since when an account has verified its address of which nobody noted the time."""


@dataclass(frozen=True)
class Tenure:
    """An address was an account's, and verified, from then on; no ``until``: it is."""

    user_id: UUID
    since: datetime
    until: datetime | None

    def counts(self, named_at: datetime) -> bool:
        """Return whether it lasted when a resource came to name the address, or began after that."""
        return self.until is None or self.until > named_at


def first_owner(tenures: Iterable[Tenure], named_at: datetime | None) -> UUID | None:
    """Return who was the first to verify the address that a resource names, of all whom it can mean; None: nobody yet.

    It can mean whoever had the address when it came to be named, or later: not who had given it up before. Whoever is
    the first stays so: what becomes of the address afterwards moves nothing. Without ``named_at`` no address counts.
    """
    if named_at is None:
        return None
    counted = [tenure for tenure in tenures if tenure.counts(named_at)]
    return min(counted, key=lambda tenure: (tenure.since, tenure.user_id)).user_id if counted else None
