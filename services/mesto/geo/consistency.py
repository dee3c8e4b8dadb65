"""What must hold in geo: where catalog's spaces say they are, and where geo has found them to be."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page, outbox_check
from mesto.common.consistency.projections import Projection, Span, State
from mesto.common.consistency.sources import Source, Sources
from mesto.common.database.engine import Database
from mesto.contracts.events import Event, SpaceChanged, SpaceRemoved
from mesto.geo.cities.service import Cities
from mesto.geo.locations import store
from mesto.geo.locations.records import StatedPosition
from mesto.geo.locations.service import Locations
from mesto.geo.locations.tables import POSITIONS
from mesto.geo.tables import OUTBOX
from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 200


class Positions(Projection[UUID]):
    """Where spaces say they are, of catalog."""

    name = "positions"

    def __init__(self, database: Database, locations: Locations, cities: Cities, owner: Source) -> None:
        super().__init__(database, owner)
        self.locations, self.cities = locations, cities

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceChanged | SpaceRemoved)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await store.list_stated(connection, span.of(POSITIONS.c.space_id), limit)
        return {
            position.space_id: State(position.space_revision, {} if position.removed else _stated_values(position))
            for position in found
        }

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, SpaceRemoved):
            return State(event.revision, {})
        assert isinstance(event, SpaceChanged)
        stated: dict[str, object] = {
            "city": event.city,
            "location": [event.location.latitude, event.location.longitude],
        }
        unknown = ours is not None and ours.values and "time_zone" not in ours.values
        return State(event.revision, stated if unknown else stated | {"time_zone": event.time_zone})

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        force = seen is not None
        async with self.database.transaction() as connection:
            if isinstance(event, SpaceChanged):
                await self.cities.lock(connection, event.city, shared=True)
            await store.lock_position(connection, key)
            if force and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, SpaceChanged):
                await self.locations.restore(connection, event, force=force)
            else:
                revision = event.revision if isinstance(event, SpaceRemoved) else seen.revision if seen else 0
                await store.delete_position(connection, key, revision, force=force)
        return True


def _stated_values(position: StatedPosition) -> dict[str, object]:
    """Return what we keep of what a space says. A row of before we kept time zones has none, and is right without."""
    stated: dict[str, object] = {"city": position.city, "location": [position.latitude, position.longitude]}
    return stated if position.time_zone is None else stated | {"time_zone": position.time_zone}


class Places:
    """Whether spaces are still where geo would find them now."""

    def __init__(self, database: Database, locations: Locations) -> None:
        self.database, self.locations = database, locations

    def check(self) -> Check:
        """Return the check, which a rebuild puts right."""
        return LocalCheck("places", self.database, self._page, self._again, self._relocate)

    async def _page(self, connection: AsyncConnection, after: UUID | None) -> Page:
        ids = await store.list_ids(connection, after, PAGE)
        return Page(len(ids), await self._misplaced(connection, ids), ids[-1] if len(ids) == PAGE else None)

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return await self._misplaced(connection, [UUID(suspect.id) for suspect in suspects])

    async def _misplaced(self, connection: AsyncConnection, ids: Sequence[UUID]) -> list[Discrepancy]:
        found = await store.list_misplaced(connection, self.locations.radius, ids)
        return [
            Discrepancy(str(location.space_id), "wrong", f"{location.reason}, found {location.right_reason}")
            for location in found
        ]

    async def _relocate(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        moved = await self.locations.relocate_spaces([UUID(suspect.id) for suspect in suspects])
        return [suspect for suspect in suspects if UUID(suspect.id) in moved]


def checks(database: Database, locations: Locations, cities: Cities, sources: Sources) -> list[Check]:
    """Return all checks of geo, in the order in which they are done."""
    return [
        Positions(database, locations, cities, sources.facts("catalog", "spaces")),
        Places(database, locations).check(),
        outbox_check(database, OUTBOX),
    ]
