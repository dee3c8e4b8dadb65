"""What must hold in geo: where catalog's spaces say they are, and where geo has found them to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from mesto.common.audit.checks import Check, Suspect
from mesto.common.audit.own import OwnCheck, Page, outbox_check
from mesto.common.audit.owners import Owner, Owners
from mesto.common.audit.projections import Projection, Span, State
from mesto.contracts.events import Event, SpaceChanged, SpaceRemoved
from mesto.geo import store
from mesto.geo.service import Geo
from mesto.geo.tables import OUTBOX, POSITIONS
from sqlalchemy import cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 200
_p = POSITIONS.c
_POINT = cast(_p.position, Geometry)
_POSITIONS = select(
    _p.space_id,
    _p.space_revision,
    _p.removed,
    _p.city,
    _p.time_zone,
    func.ST_Y(_POINT).label("latitude"),
    func.ST_X(_POINT).label("longitude"),
).order_by(_p.space_id)


class Positions(Projection[UUID]):
    """Where spaces say they are, of catalog."""

    name = "positions"

    def __init__(self, geo: Geo, owner: Owner) -> None:
        super().__init__(geo.database, owner)
        self.geo = geo

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceChanged | SpaceRemoved)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await connection.execute(_POSITIONS.where(*span.of(_p.space_id)).limit(limit))
        return {row.space_id: State(row.space_revision, {} if row.removed else _told(row)) for row in found}

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, SpaceRemoved):
            return State(event.revision, {})
        assert isinstance(event, SpaceChanged)
        told = {"city": event.city, "location": [event.location.latitude, event.location.longitude]}
        unknown = ours is not None and ours.values and "time_zone" not in ours.values
        return State(event.revision, told if unknown else told | {"time_zone": event.time_zone})

    async def put(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        force = seen is not None
        async with self.database.transaction() as connection:
            if isinstance(event, SpaceChanged):
                await store.lock_city(connection, event.city, shared=True)
            await store.lock_position(connection, key)
            if force and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, SpaceChanged):
                await self.geo.place(connection, event, force=force, restored=True)
            else:
                revision = event.revision if isinstance(event, SpaceRemoved) else seen.revision if seen else 0
                await store.remove_position(connection, key, revision, force=force)
        return True


def _told(row: Any) -> dict[str, Any]:
    """What we keep of what a space says. A row of before we kept time zones has none, and is right without."""
    told = {"city": row.city, "location": [row.latitude, row.longitude]}
    return told if row.time_zone is None else told | {"time_zone": row.time_zone}


class Own:
    """Checks of geo against its own tables."""

    def __init__(self, geo: Geo) -> None:
        self.geo, self.database = geo, geo.database

    def checks(self) -> list[Check]:
        """In the order in which they are done."""
        return [
            OwnCheck("places", self.database, self._places, self._places_again, self._place_anew),
            outbox_check(self.database, OUTBOX),
        ]

    async def _places(self, connection: AsyncConnection, after: UUID | None) -> Page:
        statement = select(_p.space_id).where(~_p.removed).order_by(_p.space_id).limit(PAGE)
        ids = (await connection.execute(statement.where(_p.space_id > after) if after else statement)).scalars().all()
        return Page(len(ids), await self._misplaced(connection, ids), ids[-1] if len(ids) == PAGE else None)

    async def _places_again(self, connection: AsyncConnection, suspects: Sequence[Suspect]) -> list[Suspect]:
        return await self._misplaced(connection, [UUID(one.id) for one in suspects])

    async def _misplaced(self, connection: AsyncConnection, ids: Sequence[UUID]) -> list[Suspect]:
        rows = await store.misplaced(connection, self.geo.radius, ids)
        return [Suspect(str(row.space_id), "wrong", f"{row.reason}, found {row.right_reason}") for row in rows]

    async def _place_anew(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        mended = await self.geo.place_anew([UUID(one.id) for one in suspects])
        return [one for one in suspects if UUID(one.id) in mended]


def checks(geo: Geo, owners: Owners) -> list[Check]:
    """All checks of geo, in the order in which they are done."""
    return [Positions(geo, owners.facts("catalog", "spaces")), *Own(geo).checks()]
