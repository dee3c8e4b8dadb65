"""Whether the counters of seats are what the bookings say, and putting them right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from mesto.booking.bookings import service as bookings
from mesto.booking.capacity import service as capacity
from mesto.booking.capacity.rules import count_used
from mesto.booking.seat_audit import store
from mesto.booking.seat_audit.records import Miscounted
from mesto.booking.seat_audit.rules import counted_since
from mesto.booking.spaces import service as spaces
from mesto.booking.transactions import transact, utc_now
from mesto.common.consistency.checks import Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page
from mesto.common.database.engine import Database
from sqlalchemy.ext.asyncio import AsyncConnection

RESOURCES_A_PAGE = 100


class SeatAudit:
    """Counts again what is counted."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database, self.clock = database, clock

    def check(self) -> LocalCheck:
        """Return the check, which a rebuild puts right."""
        return LocalCheck("seats", self.database, self._page, self._again, self._recount)

    async def _page(self, connection: AsyncConnection, after: UUID | None) -> Page:
        ids = await spaces.list_resource_ids(connection, after, RESOURCES_A_PAGE)
        found = await store.list_miscounted(connection, ids, counted_since(self.clock()))
        return Page(len(ids), _suspects(found), ids[-1] if len(ids) == RESOURCES_A_PAGE else None)

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        since = counted_since(self.clock())
        return _suspects(await store.list_miscounted(connection, _resources_of(suspects), since))

    async def _recount(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Count again, resource by resource, each locked against bookings in the making."""
        mended: list[Discrepancy] = []
        for resource_id in _resources_of(suspects):
            mended += await transact(self.database, partial(self._recount_resource, resource_id))
        return mended

    async def _recount_resource(self, resource_id: UUID, connection: AsyncConnection) -> list[Discrepancy]:
        resource = await spaces.lock_resource(connection, resource_id)
        since = counted_since(self.clock())
        found = _suspects(await store.list_miscounted(connection, [resource_id], since))
        if resource is not None and found:
            occupied = await bookings.list_occupied(connection, resource_id, since)
            used = count_used(occupied, resource.unit_minutes, since)
            await capacity.rebuild(connection, resource_id, used, resource.seats, since)
        return found


def _suspects(found: Sequence[Miscounted]) -> list[Discrepancy]:
    return [
        Discrepancy(
            f"{counter.resource_id}@{counter.start.isoformat()}",
            "oversold" if counter.oversold else "miscounted",
            f"used {counter.used}, by the bookings {counter.counted}, of {counter.seats} seats",
        )
        for counter in found
        if counter.wrong or counter.oversold
    ]


def _resources_of(suspects: Sequence[Discrepancy]) -> list[UUID]:
    return sorted({UUID(suspect.id.partition("@")[0]) for suspect in suspects})
