"""What availability answers."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.booking.availability.rules import Slot


@dataclass(frozen=True)
class Available:
    """Slots of a resource's grid; times in UTC, ``time_zone`` is the venue's, ``seats`` are those of the resource."""

    time_zone: str
    seats: int
    slots: list[Slot]
