"""What must hold in booking: its projections, its counters of seats, its payments, and that nothing is overdue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mesto.booking.bookings import service as bookings
from mesto.booking.opening_hours.rules import make_calendar
from mesto.booking.payment_audit.service import payments_check
from mesto.booking.projections import store as projections_store
from mesto.booking.projections.rules import declared_resource, refusal_of
from mesto.booking.projections.service import Projections, space_of
from mesto.booking.seat_audit.service import SeatAudit
from mesto.booking.spaces import service as spaces
from mesto.booking.spaces.records import DeclaredSpace, Resource, Space
from mesto.booking.spaces.tables import SPACES
from mesto.booking.tables import OUTBOX
from mesto.booking.time_units.rules import unit_minutes
from mesto.booking.transactions import transact
from mesto.booking.users import store as users_store
from mesto.booking.users.records import User
from mesto.booking.users.service import tombstone, user_of
from mesto.booking.users.tables import USERS
from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import OVERDUE, LocalCheck, Page, outbox_check
from mesto.common.consistency.projections import Projection, Span, State
from mesto.common.consistency.sources import Source, Sources
from mesto.common.database.engine import Database
from mesto.contracts.events import Event, SpaceChanged, SpaceRemoved, UserChanged, UserRemoved
from sqlalchemy.ext.asyncio import AsyncConnection

_OURS = {"id", "space_id", "active", "unit_minutes"}
_TOMBSTONE = {"id", "revision", "removed"}


def _without(values: Mapping[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in names}


def _space_state(space: Space, resources: Sequence[Resource]) -> State:
    if space.removed:
        return State(space.revision, {})
    declared = {name: getattr(space, name) for name in DeclaredSpace.__dataclass_fields__}
    units = {
        str(resource.id): _without(vars(resource), _OURS) | {"unit": resource.unit_minutes} for resource in resources
    }
    return State(space.revision, _without(declared, _TOMBSTONE) | {"resources": units})


class Spaces(Projection[UUID]):
    """Spaces with their resources, of catalog."""

    name = "spaces"

    def __init__(self, database: Database, owner: Source, projections: Projections) -> None:
        super().__init__(database, owner)
        self.projections = projections

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceChanged | SpaceRemoved)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await projections_store.list_spaces(connection, span.of(SPACES.c.id), limit)
        declared: dict[UUID, list[Resource]] = {space.id: [] for space in found}
        for resource in await projections_store.list_active_resources(connection, list(declared)):
            declared[resource.space_id].append(resource)
        return {space.id: _space_state(space, declared[space.id]) for space in found}

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, SpaceRemoved):
            return State(event.revision, {})
        assert isinstance(event, SpaceChanged)
        if refusal := refusal_of(event):
            # What was there before stays; only the answer is of this revision.
            kept = ours.values if ours else {}
            return State(event.revision, {**kept, "reason": refusal[0], "message": refusal[1]})
        space = space_of(event)
        hours = make_calendar(space.time_zone, space.opening_hours, space.exceptions)
        now, known = self.projections.clock(), (ours.values.get("resources", {}) if ours else {})
        resources: dict[str, object] = {}
        for resource in event.resources:
            row = declared_resource(event, resource)
            unit = unit_minutes(hours, row.slot_minutes, row.buffer_minutes, now)
            # A finer unit is right, too: bookings made by other rules may have needed it.
            stored = known.get(str(resource.id), {}).get("unit") or unit
            resources[str(resource.id)] = _without(vars(row), _OURS) | {"unit": unit if unit % stored else stored}
        expected = _without(vars(space), _TOMBSTONE) | {"resources": resources}
        if ours is not None and ours.values and ours.values["latitude"] is None:
            # A row from before positions were kept: the next event brings it.
            expected |= {"latitude": None, "longitude": None}
        return State(event.revision, expected)

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            # Resources before their space, as bookings lock them.
            await spaces.lock_resources(connection, key)
            await spaces.lock_space(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            force = seen is not None
            if isinstance(event, SpaceChanged):
                # Without a row there may be bookings all the same: then the row was lost.
                await self.projections.apply_space(connection, event, force=force, restored=True)
            elif isinstance(event, SpaceRemoved):
                await self.projections.remove_space(connection, event, force=force)
            else:
                await projections_store.tombstone_space(connection, key)
            return True

        return await transact(self.database, work)


class People(Projection[UUID]):
    """People, of auth."""

    name = "users"

    def key(self, event: Event) -> UUID:
        assert isinstance(event, UserChanged | UserRemoved)
        return event.user_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await users_store.list_by_id(connection, span.of(USERS.c.id), limit)
        return {user.id: _user_state(user) for user in found}

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, UserRemoved):
            return State(event.revision, {})
        assert isinstance(event, UserChanged)
        return _user_state(user_of(event))

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            await users_store.lock(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, UserChanged):
                user = user_of(event)
            else:
                revision = event.revision if isinstance(event, UserRemoved) else seen.revision if seen else 0
                user = tombstone(key, revision)
            await users_store.upsert(connection, user, force=seen is not None)
        return True


def _user_state(user: User) -> State:
    return State(user.revision, {} if user.removed else _without(vars(user), _TOMBSTONE))


class Overdue:
    """Whether something should have happened to bookings long ago."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database, self.clock = database, clock

    def check(self) -> Check:
        """Return the check; the sweeper puts it right when it runs again."""
        return LocalCheck("overdue", self.database, self._page, self._again)

    async def _page(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        late = await bookings.list_overdue(connection, self.clock() - OVERDUE)
        return Page(len(late), [Discrepancy(str(key), "overdue", status) for key, status in late])

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        ids = [UUID(suspect.id) for suspect in suspects]
        late = await bookings.list_overdue(connection, self.clock() - OVERDUE, ids)
        return [Discrepancy(str(key), "overdue", status) for key, status in late]


def checks(database: Database, projections: Projections, sources: Sources) -> list[Check]:
    """Return all checks of booking, in the order in which they are done."""
    return [
        People(database, sources.facts("auth", "users")),
        Spaces(database, sources.facts("catalog", "spaces"), projections),
        SeatAudit(database, projections.clock).check(),
        payments_check(database),
        Overdue(database, projections.clock).check(),
        outbox_check(database, OUTBOX),
    ]
