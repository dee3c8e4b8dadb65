"""What other features may do with the counters of seats, in a transaction of their own."""

from __future__ import annotations

from mesto.booking.capacity.store import (
    GUARD,
    list_free,
    lock,
    most_used,
    occupy,
    rebuild,
    release,
    resize,
)
from sqlalchemy.exc import IntegrityError

__all__ = ["is_full", "list_free", "lock", "most_used", "occupy", "rebuild", "release", "resize"]


def is_full(error: IntegrityError) -> bool:
    """Return whether the guard of capacity refused."""
    return GUARD in str(error.orig)
