"""What booking learns from others: spaces and resources from catalog, people from auth.

State events carry everything and a revision; older and repeated ones change nothing, so order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

import structlog
from mesto.booking import tables
from mesto.booking.domain import units
from mesto.booking.domain.calendar import Calendar
from mesto.booking.service import bookable, core
from mesto.booking.service.bookable import applied
from mesto.booking.service.terms import calendar, place
from mesto.booking.store import bookings, slots, spaces
from mesto.common.database.engine import Database
from mesto.common.identity import emails
from mesto.common.messaging import outbox
from mesto.contracts.events import (
    SpaceApplied,
    SpaceChanged,
    SpaceRemoved,
    SpaceResource,
    UserChanged,
    UserRemoved,
)
from mesto.contracts.places import Place
from mesto.contracts.policy import BookingSection
from mesto.contracts.text import Text
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)


def refusal_of(event: SpaceChanged) -> tuple[str, str] | None:
    """Reason and sentence when the opening hours make no sense."""
    body = event.model_dump(mode="json", include={"opening_hours", "exceptions"})
    try:
        calendar(event.time_zone, body["opening_hours"], body["exceptions"])
    except (ZoneInfoNotFoundError, OSError):
        return "UnknownTimeZone", f"There is no time zone {event.time_zone!r}."
    except ValueError as error:
        return "InvalidOpeningHours", str(error)
    return None


def space_values(event: SpaceChanged) -> dict[str, Any]:
    body = event.model_dump(mode="json")
    return {
        "id": event.space_id,
        "revision": event.revision,
        "removed": False,
        "published": event.published,
        "slug": event.slug,
        "title": body["title"],
        "address": event.address,
        "latitude": event.location.latitude,
        "longitude": event.location.longitude,
        "time_zone": event.time_zone,
        "opening_hours": body["opening_hours"],
        "exceptions": body["exceptions"],
        "approval": event.policy.approval,
        "hold_minutes": event.policy.hold_minutes,
        "cancellation": body["policy"]["cancellation"],
        "owner_email": emails.key(event.owner_email or ""),
        "reason": "Applied",
        "message": "",
    }


def resource_values(event: SpaceChanged, resource: SpaceResource) -> dict[str, Any]:
    """A row of ``resources`` but for its unit."""
    body = resource.model_dump(mode="json")
    title = resource.title or Text(en=resource.name, ru=resource.name)
    copied = {
        name: body[name]
        for name in (
            *("name", "kind", "seats", "prices", "slot_minutes", "min_duration_minutes", "max_duration_minutes"),
            *("buffer_minutes", "min_notice_minutes", "max_advance_days"),
        )
    }
    return {
        "id": resource.id,
        "space_id": event.space_id,
        "active": True,
        "title": title.model_dump(mode="json"),
        **copied,
    }


def user_values(event: UserChanged) -> dict[str, Any]:
    """A row of ``users``."""
    values = event.model_dump(include={"revision", "email_verified", "name", "locale", "roles"})
    return values | {"id": event.user_id, "removed": False, "email": emails.key(event.email) or ""}


def gone_user(user_id: UUID, revision: int) -> dict[str, Any]:
    """The tombstone of a person, without anything personal."""
    values = {"id": user_id, "revision": revision, "removed": True, "email": "", "name": ""}
    return {**values, "email_verified": False, "locale": "en", "roles": []}


# A space that booking has never seen, or whose first state made no sense.
_NOTHING: dict[str, Any] = {
    "slug": "",
    "title": {},
    "address": "",
    "latitude": None,
    "longitude": None,
    "time_zone": "UTC",
    "opening_hours": [],
    "exceptions": [],
    "approval": "instant",
    "hold_minutes": 15,
    "cancellation": [],
    "owner_email": None,
    "removed": False,
    "published": False,
    "reason": "Applied",
    "message": "",
}


class Projections:
    """Takes events in; each in one transaction together with the answer to it."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.database, self.clock, self.policy = database, clock, policy

    async def space_changed(self, event: SpaceChanged) -> None:
        """Apply a space, or refuse it and keep what was there."""
        await core.transact(self.database, lambda connection: self.apply_space(connection, event))

    async def apply_space(
        self, connection: AsyncConnection, event: SpaceChanged, *, force: bool = False, restored: bool = False
    ) -> None:
        """The same within a transaction. By ``force`` whatever revision is there: the row is locked and was looked at.

        ``restored``: rows that are not there may have been lost, so there may be bookings of them.
        """
        refusal, values = refusal_of(event), space_values(event)
        if refusal is not None:
            told = {"reason": refusal[0], "message": refusal[1]}
            first = {**_NOTHING, **told, "id": event.space_id, "revision": event.revision}
            newer = await spaces.newer_space(connection, event.space_id, event.revision, told, force=force)
            if newer or await spaces.put_space(connection, first):
                await outbox.record(connection, tables.outbox, [applied(event.space_id, event.revision, *refusal)])
            return
        # Resources before their space, as bookings lock them; then again, since the first event of a space finds none.
        await spaces.lock_resources(connection, event.space_id)
        before = await spaces.lock_space(connection, event.space_id)
        if not await spaces.put_space(connection, values, force=force):
            return
        hours = calendar(values["time_zone"], values["opening_hours"], values["exceptions"])
        known = await spaces.lock_resources(connection, event.space_id)
        for resource in sorted(event.resources, key=lambda item: item.id):
            row = resource_values(event, resource)
            await self._put_resource(connection, row, hours, known.get(resource.id), restored)
        gone = sorted(known.keys() - {resource.id for resource in event.resources})
        if gone:
            await spaces.deactivate(connection, gone)
        here = Place.model_construct(address=event.address, location=event.location)
        if before is not None and place(before).moved_to(here):
            count = await core.tell_of_move(connection, known, self.clock())
            log.info("space_moved", space_id=str(event.space_id), bookings=count)
        verdict, number = await bookable.reckon(connection, event.space_id, self.clock(), self.policy())
        answer = applied(event.space_id, event.revision, bookable=verdict, number=number)
        await outbox.record(connection, tables.outbox, [answer])

    async def _put_resource(
        self, connection: AsyncConnection, values: dict[str, Any], hours: Calendar, known: Any, restored: bool
    ) -> None:
        """Store a resource; its counters follow when their unit or the seats change (its row is locked)."""
        now = self.clock()
        since = units.floor(now, 60)
        new = known is None and not restored
        seated = [] if new else await bookings.seated(connection, values["id"], since)
        ends = [moment for row in seated for moment in (row.starts_at, row.busy_until)]
        unit = units.unit_minutes(hours, values["slot_minutes"], values["buffer_minutes"], now, ends)
        await spaces.put_resource(connection, {**values, "unit_minutes": unit})
        if new:
            return
        if known is None or known.unit_minutes != unit:
            used = slots.count_used(((row.starts_at, row.busy_until, row.seats) for row in seated), unit, since)
            await slots.rebuild(connection, values["id"], used, values["seats"], since)
        elif known.seats != values["seats"]:
            await slots.resize(connection, values["id"], values["seats"], since)

    async def space_removed(self, event: SpaceRemoved) -> None:
        """Nothing new is booked; bookings stay."""

        await core.transact(self.database, lambda connection: self.remove_space(connection, event))

    async def remove_space(self, connection: AsyncConnection, event: SpaceRemoved, *, force: bool = False) -> None:
        """The same within a transaction; by ``force`` whatever revision is there."""
        gone = {"removed": True, "published": False, "reason": "Applied", "message": ""}
        gone |= {"bookable": None, "bookable_due": None}
        stub = {**_NOTHING, **gone, "id": event.space_id, "revision": event.revision}
        known = await spaces.newer_space(connection, event.space_id, event.revision, gone, force=force)
        if known or await spaces.put_space(connection, stub):
            await outbox.record(connection, tables.outbox, [applied(event.space_id, event.revision)])

    async def answers(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceApplied]:
        """What we answered last about each space, by id."""
        async with self.database.read() as connection:
            rows = await spaces.answers(connection, after, limit, ids)
        return [bookable.answer_of(row) for row in rows]

    async def user_changed(self, event: UserChanged) -> None:
        """Remember who has verified which address."""
        async with self.database.transaction() as connection:
            await spaces.put_user(connection, user_values(event))

    async def user_removed(self, event: UserRemoved) -> None:
        """Forget a person; the tombstone keeps older events from bringing them back."""
        async with self.database.transaction() as connection:
            await spaces.put_user(connection, gone_user(event.user_id, event.revision))
