"""Counting seats by units of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mesto.booking.time_units import rules as time_units


@dataclass(frozen=True)
class OccupiedSeats:
    """So many seats of a resource that are occupied for a time, the buffer after it included."""

    starts_at: datetime
    busy_until: datetime
    seats: int


def count_used(occupied: Iterable[OccupiedSeats], unit_minutes: int, since: datetime) -> dict[datetime, int]:
    """Return the seats used by unit from ``since`` on."""
    used: dict[datetime, int] = {}
    for part in occupied:
        for unit in time_units.units(max(part.starts_at, since), part.busy_until, unit_minutes):
            used[unit] = used.get(unit, 0) + part.seats
    return used
