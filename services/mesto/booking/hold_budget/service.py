"""The budget of unpaid holds: what the platform's policy allows a renter, and what stands in the way of one more."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from types import SimpleNamespace
from uuid import UUID

from mesto.booking.domain import budget
from mesto.booking.domain.budget import Excess, Limits
from mesto.booking.settings import LONGEST_HOLD
from mesto.booking.store import bookings, holds
from mesto.booking.store.holds import Renter
from mesto.common.database.engine import RawTransaction
from mesto.common.errors import Problem
from mesto.contracts.policy import HoldBudget

NEVER_SECONDS = 3600
"""Retry-After of a wish that is more than may ever be held."""


def limits(policy: HoldBudget, verified: bool) -> Limits:
    """What somebody may hold whose address is verified, or not."""
    mine = policy.verified if verified else policy.unverified
    return Limits(mine.open_holds or None, mine.seat_hours_per_space or None)


def counting(user_id: UUID, policy: HoldBudget, now: datetime) -> Renter:
    """Whose holds count, and since when."""
    since = now - timedelta(minutes=policy.cool_down_minutes)
    return Renter(user_id, since, since - LONGEST_HOLD)


async def check(
    direct: RawTransaction, renter: Renter, row: SimpleNamespace, wanted: timedelta, policy: HoldBudget, verified: bool
) -> None:
    """Raises Problem 429 when one more hold of ``wanted`` (seats times duration) is more than the renter may have.

    ``row`` is the resource with what counts. No other hold of this renter is being made meanwhile.
    """
    total = wanted + timedelta(seconds=row.seat_seconds)
    if budget.within(limits(policy, verified), row.holds + 1, total):
        return
    # A token says what was true when it was made: whoever has just verified their address is not sent to do it again.
    if not verified and await bookings.verified_email(direct.connection, renter.id) is not None:
        verified = True
        if budget.within(limits(policy, verified), row.holds + 1, total):
            return
    cool_down = timedelta(minutes=policy.cool_down_minutes)
    known = await holds.counted(direct, renter, row.space_id, cool_down)
    found = budget.excess(limits(policy, verified), known, wanted)
    if found is not None:
        raise over(found, verified, renter.counts_since + cool_down)


def over(found: Excess, verified: bool, now: datetime) -> Problem:
    """429 with a sentence, and when to try again."""
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
