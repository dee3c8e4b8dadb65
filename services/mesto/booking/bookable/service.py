"""What catalog and the operator are told of a space: whether a renter can book it, by the rules that bookings obey.

It is reckoned when a space is applied, and again when it may have changed by the time alone or by the platform's
policy: then beat asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from mesto.booking import tables
from mesto.booking.domain import fits
from mesto.booking.domain.fits import Fits, Misfit
from mesto.booking.service import core
from mesto.booking.service.budget import limits
from mesto.booking.service.terms import terms
from mesto.booking.store import spaces
from mesto.common.database.engine import Database
from mesto.common.messaging import outbox
from mesto.contracts.events import SpaceApplied
from mesto.contracts.policy import BookingSection
from mesto.contracts.spaces import Bookable
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
BATCH = 100
"""Spaces that are reckoned anew at a time."""
NAMED = 3
"""Resources that a sentence speaks of."""
APPLIED = "Applied"
FINE = Bookable(status=True, reason="Bookable", message="A renter can book it now.")


def verdict(rows: list[Any], now: datetime, policy: BookingSection) -> tuple[Bookable, datetime]:
    """Whether one of the resources (rows of store.spaces.resource) of a published space can be booked; and until when
    that is known."""
    hours = limits(policy.hold_budget, verified=True).seat_hours
    most_held = None if hours is None else timedelta(hours=hours)
    found = {row.name: fits.fits(terms(row, policy.max_duration_minutes), now, most_held) for row in rows}
    lasts = [one.until for one in found.values() if isinstance(one, Fits)]
    if lasts:
        return FINE, min(max(lasts) + timedelta(seconds=1), now + fits.SURE)
    wrong = {name: one for name, one in found.items() if isinstance(one, Misfit)}
    reasons = {one.reason for one in wrong.values()}
    said = "; ".join(f"{name}: {one.why}" for name, one in list(wrong.items())[:NAMED])
    more = f"; and {len(wrong) - NAMED} more resources" if len(wrong) > NAMED else ""
    reason = reasons.pop() if len(reasons) == 1 else "NothingFits"
    # The horizon moves on when a date of the venue begins; from then on something may fit.
    zone = ZoneInfo(rows[0].time_zone)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)
    return Bookable(status=False, reason=reason, message=f"{said}{more}."), tomorrow


async def reckon(
    connection: AsyncConnection, space_id: UUID, now: datetime, policy: BookingSection
) -> tuple[Bookable | None, int]:
    """Reckon a locked space anew and keep the verdict; it, and its number. None when it is not offered at all."""
    rows = await spaces.offered(connection, space_id)
    told, due = verdict(rows, now, policy) if rows else (None, None)
    kept = told.model_dump(mode="json") if told else None
    number = await spaces.keep_verdict(connection, space_id, kept, now, due)
    return told, number


class Verdicts:
    """Beat's part: whatever may have changed without the space."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.database, self.clock, self.policy = database, clock, policy
        self._known: tuple[object, ...] | None = None

    async def reckon_by(self, policy: BookingSection) -> None:
        """The policy is another one: whatever depends on it is due. What was known at the start is left alone."""
        fresh = (policy.max_duration_minutes, policy.hold_budget.verified)
        if self._known is not None and self._known != fresh:
            async with self.database.transaction() as connection:
                await spaces.make_verdicts_due(connection, self.clock())
        self._known = fresh

    async def renew(self) -> int:
        """Reckon anew what is due, and tell catalog what has changed. How many were due."""
        async with self.database.read() as connection:
            due = await spaces.verdicts_due(connection, self.clock(), BATCH)
        for space_id in due:
            try:
                await core.transact(self.database, lambda connection, one=space_id: self._renew(connection, one))  # type: ignore[misc]
            except Exception:
                log.exception("verdict_failed", space_id=str(space_id))
        return len(due)

    async def _renew(self, connection: AsyncConnection, space_id: UUID) -> None:
        await spaces.lock_space(connection, space_id)
        before = await spaces.get(connection, space_id)
        assert before is not None
        await reckon(connection, space_id, self.clock(), self.policy())
        after = await spaces.get(connection, space_id)
        assert after is not None
        if after.bookable_sequence != before.bookable_sequence and after.reason == APPLIED:
            await outbox.record(connection, tables.outbox, [answer_of(after)])


def answer_of(row: Any) -> SpaceApplied:
    """What we answered last about a stored space; what was refused has the verdict of an older revision only."""
    kept = row.bookable if row.reason == APPLIED else None
    told = Bookable.model_validate(kept) if kept else None
    return applied(row.id, row.revision, row.reason, row.message, told, row.bookable_sequence)


def applied(
    space_id: UUID,
    revision: int,
    reason: str = APPLIED,
    message: str = "",
    bookable: Bookable | None = None,
    number: int = 0,
) -> SpaceApplied:
    """What we made of a revision of a space, and whether it can be booked."""
    return SpaceApplied(
        space_id=space_id,
        revision=revision,
        service="booking",
        outcome="applied" if reason == APPLIED else "refused",
        reason=reason,
        message=message,
        bookable=bookable,
        sequence=number if bookable else 0,
    )
