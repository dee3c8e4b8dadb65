"""What catalog and the operator are told of a space: whether a renter can book it, by the rules that bookings obey.

It is reckoned when a space is applied, and again when it may have changed by the time alone or by the platform's
policy: then beat asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from mesto.booking.bookable import store
from mesto.booking.bookable.records import SpaceAnswer
from mesto.booking.bookable.rules import SURE, Fits, Misfit, fits
from mesto.booking.booking_rules.rules import rules_of
from mesto.booking.hold_budget.rules import limits
from mesto.booking.spaces import service as spaces
from mesto.booking.spaces.records import BookableResource
from mesto.booking.tables import OUTBOX
from mesto.booking.transactions import transact, utc_now
from mesto.common.database.engine import Database
from mesto.common.messaging import outbox
from mesto.common.platform_config.configuration import Configuration
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


def verdict(resources: Sequence[BookableResource], now: datetime, policy: BookingSection) -> tuple[Bookable, datetime]:
    """Return whether one of the resources of a published space can be booked; and until when that is known."""
    hours = limits(policy.hold_budget, verified=True).seat_hours
    most_held = None if hours is None else timedelta(hours=hours)
    by_name = {resource.name: rules_of(resource, policy.max_duration_minutes) for resource in resources}
    found = {name: fits(rules, now, most_held) for name, rules in by_name.items()}
    lasts = [fit.until for fit in found.values() if isinstance(fit, Fits)]
    if lasts:
        return FINE, min(max(lasts) + timedelta(seconds=1), now + SURE)
    wrong = {name: misfit for name, misfit in found.items() if isinstance(misfit, Misfit)}
    reasons = {misfit.reason for misfit in wrong.values()}
    said = "; ".join(f"{name}: {misfit.why}" for name, misfit in list(wrong.items())[:NAMED])
    more = f"; and {len(wrong) - NAMED} more resources" if len(wrong) > NAMED else ""
    reason = reasons.pop() if len(reasons) == 1 else "NothingFits"
    # The horizon moves on when a date of the venue begins; from then on something may fit.
    zone = ZoneInfo(resources[0].time_zone)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)
    return Bookable(status=False, reason=reason, message=f"{said}{more}."), tomorrow


async def refresh(
    connection: AsyncConnection, space_id: UUID, now: datetime, policy: BookingSection
) -> tuple[Bookable | None, int]:
    """Reckon a locked space anew and keep the verdict; return it, and its number. None when it is not offered."""
    resources = await spaces.list_offered(connection, space_id)
    found, due = verdict(resources, now, policy) if resources else (None, None)
    kept = found.model_dump(mode="json") if found else None
    number = await store.set_verdict(connection, space_id, kept, now, due)
    return found, number


class Verdicts:
    """Beat's part: whatever may have changed without the space."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[BookingSection],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.configuration, self.clock = database, configuration, clock
        self._known: tuple[object, ...] | None = None

    async def apply_policy(self, policy: BookingSection) -> None:
        """Make due whatever depends on what is new in the policy. What was known at the start is left alone."""
        fresh = (policy.max_duration_minutes, policy.hold_budget.verified)
        if self._known is not None and self._known != fresh:
            async with self.database.transaction() as connection:
                await store.make_due(connection, self.clock())
        self._known = fresh

    async def renew(self) -> int:
        """Reckon anew what is due, and tell catalog what has changed. Returns how many were due."""
        async with self.database.read() as connection:
            due = await store.list_due(connection, self.clock(), BATCH)
        for space_id in due:
            try:
                await transact(self.database, partial(self._renew, space_id))
            except Exception:
                log.exception("verdict_failed", space_id=str(space_id))
        return len(due)

    async def _renew(self, space_id: UUID, connection: AsyncConnection) -> None:
        await spaces.lock_space(connection, space_id)
        [before] = await store.list_answers(connection, None, 1, [space_id])
        await refresh(connection, space_id, self.clock(), self.configuration.policy)
        [after] = await store.list_answers(connection, None, 1, [space_id])
        if after.bookable_sequence != before.bookable_sequence and after.reason == APPLIED:
            await outbox.record(connection, OUTBOX, [last_answer(after)])

    async def snapshot_applied(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceApplied]:
        """Return what we answered last about each space, by id."""
        async with self.database.read() as connection:
            return [last_answer(answer) for answer in await store.list_answers(connection, after, limit, ids)]


def last_answer(answer: SpaceAnswer) -> SpaceApplied:
    """Return our last answer as an event; what was refused has the verdict of an older revision only."""
    kept = answer.bookable if answer.reason == APPLIED else None
    found = Bookable.model_validate(kept) if kept else None
    return space_applied(answer.id, answer.revision, answer.reason, answer.message, found, answer.bookable_sequence)


def space_applied(
    space_id: UUID,
    revision: int,
    reason: str = APPLIED,
    message: str = "",
    bookable: Bookable | None = None,
    number: int = 0,
) -> SpaceApplied:
    """Return what we made of a revision of a space, and whether it can be booked."""
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
