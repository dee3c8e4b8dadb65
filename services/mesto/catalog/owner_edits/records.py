"""What an owner asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SpacePatch:
    """Values by path, None to take one back. ``accepted``: although it strands bookings.

    ``revision`` is the one that the owner has seen, None for whatever is there.
    """

    values: Mapping[str, object]
    accepted: bool = False
    revision: int | None = None
