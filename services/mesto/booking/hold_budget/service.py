"""The budget of unpaid holds: what the platform's policy allows a renter, and what stands in the way of one more."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from mesto.booking.hold_budget import store
from mesto.booking.hold_budget.records import CountedRenter
from mesto.booking.hold_budget.rules import Excess, excess, limits, within
from mesto.booking.settings import LONGEST_HOLD
from mesto.booking.users.service import Users
from mesto.common.errors import Problem
from mesto.contracts.policy import HoldBudget
from sqlalchemy.ext.asyncio import AsyncConnection

NEVER_SECONDS = 3600
"""Retry-After of a request for more than may ever be held."""


def counted_renter(user_id: UUID, policy: HoldBudget, now: datetime) -> CountedRenter:
    """Return whose bookings count, and since when."""
    since = now - timedelta(minutes=policy.cool_down_minutes)
    return CountedRenter(user_id, since, since - LONGEST_HOLD)


class HoldBudgets:
    """Who may hold one more."""

    def __init__(self, users: Users) -> None:
        self.users = users

    async def check(
        self,
        connection: AsyncConnection,
        renter: CountedRenter,
        space_id: UUID,
        *,
        holds: int,
        seat_time: timedelta,
        requested: timedelta,
        policy: HoldBudget,
        verified: bool,
    ) -> None:
        """Raise Problem 429 when one more hold of ``requested`` (seats times duration) is more than may be had.

        ``holds`` bookings of the renter count already, those of this space with ``seat_time``. No other hold of this
        renter is being made meanwhile.
        """
        total = requested + seat_time
        if within(limits(policy, verified), holds + 1, total):
            return
        # A token says what was true when it was made: whoever has just verified their address is not sent to do it
        # again.
        if not verified and await self.users.find_owner(connection, renter.id) is not None:
            verified = True
            if within(limits(policy, verified), holds + 1, total):
                return
        cool_down = timedelta(minutes=policy.cool_down_minutes)
        known = await store.list_counted(connection, renter, space_id, cool_down)
        found = excess(limits(policy, verified), known, requested)
        if found is not None:
            raise over_budget(found, verified, renter.counts_since + cool_down)


def over_budget(found: Excess, verified: bool, now: datetime) -> Problem:
    """Return the 429 with a sentence, and when to try again."""
    if found.what == "open_holds":
        sentence = f"At most {found.most} bookings may be held unpaid or had for nothing at a time"
    else:
        sentence = f"At most {found.most} seat-hours of one space may be held unpaid or had for nothing at a time"
    if not verified:
        sentence += ", more once your e-mail address is verified"
    if found.until is None:
        seconds, advice = NEVER_SECONDS, "Take fewer seats or a shorter time."
    else:
        seconds = max(1, ceil((found.until - now).total_seconds()))
        minutes = ceil(seconds / 60)
        advice = f"Pay for one, or try again in {minutes} minute{'' if minutes == 1 else 's'}."
    return Problem(
        429,
        "hold-budget",
        f"{sentence}. {advice}",
        headers={"Retry-After": str(seconds)},
        limit=found.what,
        most=found.most,
        email_verified=verified,
    )
