"""What booking learns of spaces and resources from catalog.

State events carry everything and a revision; older and repeated ones change nothing, so order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from mesto.booking.bookable import service as bookable
from mesto.booking.bookable.service import space_applied
from mesto.booking.bookings import service as bookings
from mesto.booking.capacity import service as capacity
from mesto.booking.capacity.rules import count_used
from mesto.booking.opening_hours.rules import Calendar, make_calendar
from mesto.booking.projections import store
from mesto.booking.projections.rules import declared_resource, declared_space, refusal_of, unknown_space
from mesto.booking.settings import INBOX_LIFETIME
from mesto.booking.spaces import service as spaces
from mesto.booking.spaces.records import DeclaredResource, DeclaredSpace, Resource
from mesto.booking.tables import OUTBOX
from mesto.booking.time_units import rules as time_units
from mesto.booking.transactions import transact, utc_now
from mesto.common.database.engine import Database
from mesto.common.identity import emails
from mesto.common.messaging import outbox
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from mesto.contracts.places import Place
from mesto.contracts.policy import BookingSection
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)


def space_of(event: SpaceChanged) -> DeclaredSpace:
    """Return what is kept of a space."""
    return declared_space(event, emails.key(event.owner_email or ""))


class Projections:
    """Applies events; each in one transaction together with the answer to it."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[BookingSection],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.configuration, self.clock = database, configuration, clock

    async def space_changed(self, event: SpaceChanged) -> None:
        """Apply a space, or refuse it and keep what was there."""
        await transact(self.database, lambda connection: self.apply_space(connection, event))

    async def apply_space(
        self, connection: AsyncConnection, event: SpaceChanged, *, force: bool = False, restored: bool = False
    ) -> None:
        """Apply a space within a transaction. By ``force`` whatever revision is there: the row is locked and known.

        ``restored``: rows that are not there may have been lost, so there may be bookings of them.
        """
        refusal = refusal_of(event)
        if refusal is not None:
            await self._refuse_space(connection, event, *refusal, force=force)
            return
        # Resources before their space, as bookings lock them; then again, since the first event of a space finds none.
        await spaces.lock_resources(connection, event.space_id)
        before = await spaces.lock_space(connection, event.space_id)
        space = space_of(event)
        if not await store.upsert_space(connection, space, force=force):
            return
        hours = make_calendar(space.time_zone, space.opening_hours, space.exceptions)
        known = await spaces.lock_resources(connection, event.space_id)
        for resource in sorted(event.resources, key=lambda item: item.id):
            declared = declared_resource(event, resource)
            await self._store_resource(connection, declared, hours, known.get(resource.id), restored)
        gone = sorted(known.keys() - {resource.id for resource in event.resources})
        if gone:
            await store.deactivate(connection, gone)
        here = Place.model_construct(address=event.address, location=event.location)
        if before is not None and before.place.moved_to(here):
            count = await bookings.announce_move(connection, known, self.clock())
            log.info("space_moved", space_id=str(event.space_id), bookings=count)
        policy = self.configuration.policy
        verdict, number = await bookable.refresh(connection, event.space_id, self.clock(), policy)
        answer = space_applied(event.space_id, event.revision, bookable=verdict, number=number)
        await outbox.record(connection, OUTBOX, [answer])

    @staticmethod
    async def _refuse_space(
        connection: AsyncConnection, event: SpaceChanged, reason: str, message: str, *, force: bool
    ) -> None:
        newer = await store.refuse_space(connection, event.space_id, event.revision, reason, message, force=force)
        first = unknown_space(event.space_id, event.revision, reason=reason, message=message)
        if newer or await store.upsert_space(connection, first):
            answer = space_applied(event.space_id, event.revision, reason, message)
            await outbox.record(connection, OUTBOX, [answer])

    async def _store_resource(
        self,
        connection: AsyncConnection,
        declared: DeclaredResource,
        hours: Calendar,
        known: Resource | None,
        restored: bool,
    ) -> None:
        """Store a resource; its counters follow when their unit or the seats change (its row is locked)."""
        now = self.clock()
        since = time_units.floor(now, 60)
        new = known is None and not restored
        occupied = [] if new else await bookings.list_occupied(connection, declared.id, since)
        ends = [moment for part in occupied for moment in (part.starts_at, part.busy_until)]
        unit = time_units.unit_minutes(hours, declared.slot_minutes, declared.buffer_minutes, now, ends)
        await store.upsert_resource(connection, Resource(**vars(declared), unit_minutes=unit))
        if new:
            return
        if known is None or known.unit_minutes != unit:
            used = count_used(occupied, unit, since)
            await capacity.rebuild(connection, declared.id, used, declared.seats, since)
        elif known.seats != declared.seats:
            await capacity.resize(connection, declared.id, declared.seats, since)

    async def space_removed(self, event: SpaceRemoved) -> None:
        """Let nothing new be booked; bookings stay."""
        await transact(self.database, lambda connection: self.remove_space(connection, event))

    async def remove_space(self, connection: AsyncConnection, event: SpaceRemoved, *, force: bool = False) -> None:
        """Remove a space within a transaction; by ``force`` whatever revision is there."""
        known = await store.remove_space(connection, event.space_id, event.revision, force=force)
        stub = unknown_space(event.space_id, event.revision, removed=True)
        if known or await store.insert_removed(connection, stub):
            await outbox.record(connection, OUTBOX, [space_applied(event.space_id, event.revision)])

    async def prune_inbox(self) -> int:
        """Forget handled events after 30 days; return how many."""
        async with self.database.transaction() as connection:
            return await store.prune_inbox(connection, self.clock() - INBOX_LIFETIME)
