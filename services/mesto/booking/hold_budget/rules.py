"""How much one person may hold without having paid for it, so that nobody blocks a space for nothing.

What counts are holds, and for a cool-down also those that were given up or ran out: else whoever holds and cancels in
turn would block as much. What costs nothing counts until it is over; what is paid does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mesto.contracts.policy import HoldBudget


@dataclass(frozen=True)
class Limits:
    """The most that one person may hold at a time, ``seat_hours`` in one space; None: as much as they like."""

    open_holds: int | None = None
    seat_hours: int | None = None

    @property
    def none(self) -> bool:
        """Whether there is nothing to count."""
        return self.open_holds is None and self.seat_hours is None


@dataclass(frozen=True)
class CountedBooking:
    """A booking that counts before ``until``; ``seat_time`` is seats times duration, ``here``: in this space."""

    until: datetime
    seat_time: timedelta
    here: bool


@dataclass(frozen=True)
class Excess:
    """A limit that a request would exceed, of ``most``, until ``until``; None: the request alone is more."""

    what: Literal["open_holds", "seat_hours"]
    most: int
    until: datetime | None


def limits(policy: HoldBudget, verified: bool) -> Limits:
    """Return what somebody may hold whose address is verified, or not."""
    mine = policy.verified if verified else policy.unverified
    return Limits(mine.open_holds or None, mine.seat_hours_per_space or None)


def within(limits: Limits, holds: int, seat_time: timedelta) -> bool:
    """Return whether so many holds, with so much time of seats in the space, may be had; the new ones included."""
    fewer = limits.open_holds is None or holds <= limits.open_holds
    return fewer and (limits.seat_hours is None or seat_time <= timedelta(hours=limits.seat_hours))


def excess(limits: Limits, counted: Iterable[CountedBooking], requested: timedelta) -> Excess | None:
    """Return the limit that stands in the way of one more hold of ``requested`` longest, None when there is none."""
    known = sorted(counted, key=lambda booking: booking.until)
    found: list[Excess] = []
    if limits.open_holds is not None and len(known) >= limits.open_holds:
        last = len(known) - limits.open_holds
        found.append(Excess("open_holds", limits.open_holds, known[last].until if limits.open_holds else None))
    if limits.seat_hours is not None:
        found += _too_long(limits.seat_hours, [booking for booking in known if booking.here], requested)
    # One that never passes before the one that passes last.
    return max(found, key=lambda limit: (limit.until is None, limit.until and limit.until.timestamp()), default=None)


def _too_long(most: int, known: list[CountedBooking], requested: timedelta) -> list[Excess]:
    over = sum((booking.seat_time for booking in known), requested) - timedelta(hours=most)
    if over <= timedelta():
        return []
    if requested > timedelta(hours=most):
        return [Excess("seat_hours", most, None)]
    for booking in known:
        over -= booking.seat_time
        if over <= timedelta():
            return [Excess("seat_hours", most, booking.until)]
    raise AssertionError("the request alone fits")
