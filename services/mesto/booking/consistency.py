"""What must hold in booking: its projections, its counters of seats, its payments, and that nothing is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mesto.booking import tables
from mesto.booking.domain import ledger as rules
from mesto.booking.domain import units
from mesto.booking.service import Bookings, core
from mesto.booking.service.projections import (
    gone_user,
    refusal_of,
    resource_values,
    space_values,
    user_values,
)
from mesto.booking.service.terms import calendar
from mesto.booking.store import bookings, ledger, recount, slots, spaces
from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import OVERDUE, LocalCheck, Page, outbox_check
from mesto.common.consistency.projections import Projection, Span, State
from mesto.common.consistency.sources import Source, Sources
from mesto.common.database.engine import Database
from mesto.contracts.events import Event, SpaceChanged, SpaceRemoved, UserChanged, UserRemoved
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

RESOURCES_A_PAGE = 100
_s, _r, _u = tables.spaces, tables.resources, tables.users
_RECKONED = {"bookable", "bookable_sequence", "bookable_due"}
_OURS = {"id", "space_id", "active", "unit_minutes"}


def _plain(row: Any, leave_out: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in leave_out}


class Spaces(Projection[UUID]):
    """Spaces with their resources, of catalog."""

    name = "spaces"

    def __init__(self, database: Database, owner: Source, service: Bookings) -> None:
        super().__init__(database, owner)
        self.service = service

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceChanged | SpaceRemoved)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        statement = select(_s).where(*span.of(_s.c.id)).order_by(_s.c.id).limit(limit)
        found = list(await connection.execute(statement))
        mine = select(_r).where(_r.c.space_id.in_([row.id for row in found]), _r.c.active)
        declared: dict[UUID, dict[str, Any]] = {row.id: {} for row in found}
        for row in await connection.execute(mine):
            declared[row.space_id][str(row.id)] = _plain(row, _OURS) | {"unit": row.unit_minutes}
        return {
            row.id: State(
                row.revision,
                {}
                if row.removed
                else _plain(row, {"id", "revision", "removed", "proposals", *_RECKONED})
                | {"resources": declared[row.id]},
            )
            for row in found
        }

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, SpaceRemoved):
            return State(event.revision, {})
        assert isinstance(event, SpaceChanged)
        if refusal := refusal_of(event):
            # What was there before stays; only the answer is of this revision.
            kept = ours.values if ours else {}
            return State(event.revision, {**kept, "reason": refusal[0], "message": refusal[1]})
        values = space_values(event)
        hours = calendar(values["time_zone"], values["opening_hours"], values["exceptions"])
        now, known = self.service.projections.clock(), (ours.values.get("resources", {}) if ours else {})
        resources: dict[str, Any] = {}
        for resource in event.resources:
            row = _without(resource_values(event, resource), _OURS)
            unit = units.unit_minutes(hours, row["slot_minutes"], row["buffer_minutes"], now)
            # A finer unit is right, too: bookings made by other rules may have needed it.
            stored = known.get(str(resource.id), {}).get("unit") or unit
            resources[str(resource.id)] = row | {"unit": unit if unit % stored else stored}
        expected = _without(values, {"id", "revision", "removed"}) | {"resources": resources}
        if ours is not None and ours.values and ours.values["latitude"] is None:
            # A row from before positions were kept: the next event brings it.
            expected |= {"latitude": None, "longitude": None}
        return State(event.revision, expected)

    async def put(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        projections = self.service.projections

        async def work(connection: AsyncConnection) -> bool:
            # Resources before their space, as bookings lock them.
            await spaces.lock_resources(connection, key)
            await spaces.lock_space(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            force = seen is not None
            if isinstance(event, SpaceChanged):
                # Without a row there may be bookings all the same: then the row was lost.
                await projections.apply_space(connection, event, force=force, restored=True)
            elif isinstance(event, SpaceRemoved):
                await projections.remove_space(connection, event, force=force)
            else:
                await spaces.bury_space(connection, key)
            return True

        return await core.transact(self.database, work)


def _without(values: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


class Users(Projection[UUID]):
    """People, of auth."""

    name = "users"

    def key(self, event: Event) -> UUID:
        assert isinstance(event, UserChanged | UserRemoved)
        return event.user_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        statement = select(_u).where(*span.of(_u.c.id)).order_by(_u.c.id).limit(limit)
        return {
            row.id: State(row.revision, {} if row.removed else _plain(row, {"id", "revision", "removed"}))
            for row in await connection.execute(statement)
        }

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, UserRemoved):
            return State(event.revision, {})
        assert isinstance(event, UserChanged)
        return State(event.revision, _without(user_values(event), {"id", "revision", "removed"}))

    async def put(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            await spaces.lock_user(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, UserChanged):
                values = user_values(event)
            else:
                revision = event.revision if isinstance(event, UserRemoved) else seen.revision if seen else 0
                values = gone_user(key, revision)
            await spaces.put_user(connection, values, force=seen is not None)
        return True


def _seat_suspects(found: Sequence[recount.Miscounted]) -> list[Discrepancy]:
    return [
        Discrepancy(
            f"{one.resource_id}@{one.start.isoformat()}",
            "oversold" if one.oversold else "miscounted",
            f"used {one.used}, by the bookings {one.counted}, of {one.seats} seats",
        )
        for one in found
        if one.wrong or one.oversold
    ]


class Own:
    """Checks of booking against its own tables."""

    def __init__(self, database: Database, service: Bookings) -> None:
        self.database, self.service, self.clock = database, service, service.projections.clock

    def checks(self) -> list[Check]:
        """In the order in which they are done."""
        return [
            LocalCheck("seats", self.database, self._seats, self._seats_again, self._recount),
            LocalCheck("payments", self.database, self._payments, self._payments_again),
            LocalCheck("overdue", self.database, self._overdue, self._overdue_again),
            outbox_check(self.database, tables.outbox),
        ]

    async def _seats(self, connection: AsyncConnection, after: UUID | None) -> Page:
        statement = select(_r.c.id).order_by(_r.c.id).limit(RESOURCES_A_PAGE)
        ids = (await connection.execute(statement.where(_r.c.id > after) if after else statement)).scalars().all()
        found = await recount.miscounted(connection, ids, recount.since(self.clock()))
        return Page(len(ids), _seat_suspects(found), ids[-1] if len(ids) == RESOURCES_A_PAGE else None)

    async def _seats_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        found = await recount.miscounted(connection, _resources_of(suspects), recount.since(self.clock()))
        return _seat_suspects(found)

    async def _recount(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Count again, resource by resource, each locked against bookings in the making."""
        mended: list[Discrepancy] = []
        for resource_id in _resources_of(suspects):
            mended += await core.transact(self.database, lambda c, one=resource_id: self._recount_one(c, one))  # type: ignore[misc]
        return mended

    async def _recount_one(self, connection: AsyncConnection, resource_id: UUID) -> list[Discrepancy]:
        row = (await connection.execute(select(_r).where(_r.c.id == resource_id).with_for_update())).first()
        since = recount.since(self.clock())
        found = _seat_suspects(await recount.miscounted(connection, [resource_id], since))
        if row is not None and found:
            seated = await bookings.seated(connection, resource_id, since)
            spans = [(one.starts_at, one.busy_until, one.seats) for one in seated]
            used = slots.count_used(spans, row.unit_minutes, since)
            await slots.rebuild(connection, resource_id, used, row.seats, since)
        return found

    async def _payments(self, connection: AsyncConnection, after: UUID | None) -> Page:
        page = await ledger.accounts(connection, after)
        return Page(len(page), _payment_suspects(page), page[-1][0] if len(page) == ledger.PAGE else None)

    async def _payments_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return _payment_suspects(await ledger.accounts(connection, None, [UUID(one.id) for one in suspects]))

    async def _overdue(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        late = await ledger.overdue(connection, self.clock() - OVERDUE)
        return Page(len(late), [Discrepancy(str(key), "overdue", status) for key, status in late])

    async def _overdue_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        late = await ledger.overdue(connection, self.clock() - OVERDUE, [UUID(one.id) for one in suspects])
        return [Discrepancy(str(key), "overdue", status) for key, status in late]


def _resources_of(suspects: Sequence[Discrepancy]) -> list[UUID]:
    return sorted({UUID(one.id.partition("@")[0]) for one in suspects})


def _payment_suspects(page: Sequence[tuple[UUID, rules.Account]]) -> list[Discrepancy]:
    found = [(key, "; ".join(rules.faults(account))) for key, account in page]
    return [Discrepancy(str(key), "unsettled", sentence) for key, sentence in found if sentence]


def checks(database: Database, sources: Sources) -> list[Check]:
    """All checks of booking, in the order in which they are done."""
    service = Bookings(database)
    return [
        Users(database, sources.facts("auth", "users")),
        Spaces(database, sources.facts("catalog", "spaces"), service),
        *Own(database, service).checks(),
    ]
