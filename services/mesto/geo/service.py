"""What geo does: cities from the platform's configuration, datasets, and where each space is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import structlog
from mesto.common import telemetry
from mesto.common.configuration import Configuration
from mesto.common.db import Database, our_fault
from mesto.common.errors import Problem
from mesto.common.outbox import record
from mesto.common.together import Together
from mesto.contracts.datasets import DatasetLoaded, DatasetState
from mesto.contracts.events import CityChanged, Event, SpaceApplied, SpaceChanged, SpaceLocated, SpaceRemoved
from mesto.contracts.policy import City, GeoPolicy, not_allowed
from mesto.contracts.spaces import Location
from mesto.geo import store
from mesto.geo.datasets import Prepared, check_places, with_slugs
from mesto.geo.domain import places, plausible
from mesto.geo.tables import OUTBOX
from sqlalchemy import Row, func, text
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MOST_MOVES = 20
"""Spaces placed in one transaction; the broker gives us no more events at a time."""
Move = tuple[SpaceChanged, str]
"""An event and the id of the request that caused it."""


@dataclass(frozen=True)
class Declared:
    """The custom resource that declares a dataset, and which edition of its source this is."""

    owner: UUID
    generation: int
    source: str


class Geo:
    """Cities, districts, stops and positions."""

    def __init__(self, database: Database, configuration: Configuration[GeoPolicy]) -> None:
        self.database, self.configuration = database, configuration
        self._moves: Together[Move, None] = Together(self._note_spaces, most=MOST_MOVES, spoilt=our_fault)

    @property
    def radius(self) -> int:
        """How far a stop may be to count, in metres."""
        return self.configuration.policy.transit_radius_metres

    # Cities.

    async def sync_cities(self, section: GeoPolicy) -> None:
        """Make the declared cities those of ``section`` and place every space anew that this concerns."""
        async with self.database.transaction() as connection:
            known = {row.slug: row for row in await store.cities(connection, undeclared=True)}
            seen = await store.cities_of_positions(connection)
            await store.lock_city(connection, *known, *seen, *(city.slug for city in section.cities))
            known = {row.slug: row for row in await store.cities(connection, undeclared=True)}
            events: list[Event] = []
            for city in section.cities:
                if event := await self._put_city(connection, city, known.get(city.slug)):
                    events.append(event)
            declared = {city.slug for city in section.cities}
            for slug, row in known.items():
                if row.declared and slug not in declared:
                    await store.withdraw_city(connection, slug)
                    log.info("city_withdrawn", city=slug)
            await record(connection, OUTBOX, events)
            every = sorted({*known, *seen, *declared})
            await self._publish(connection, await store.locate(connection, every, section.transit_radius_metres))

    async def _put_city(self, connection: AsyncConnection, city: City, row: Row[Any] | None) -> CityChanged | None:
        values = {
            "slug": city.slug,
            "declared": True,
            "name": city.name.model_dump(),
            "time_zone": city.time_zone,
            "currency": city.currency,
            "latitude": city.center.latitude,
            "longitude": city.center.longitude,
            "zoom": city.zoom,
        }
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            return None
        revision = row.revision + 1 if row is not None else 1
        await store.put_city(connection, values | {"revision": revision})
        log.info("city_declared", city=city.slug, revision=revision)
        return CityChanged(
            slug=city.slug,
            revision=revision,
            name=city.name,
            time_zone=city.time_zone,
            currency=city.currency,
            center=city.center,
            zoom=city.zoom,
        )

    # Snapshots.

    async def snapshot_cities(self, slugs: Sequence[str]) -> list[CityChanged]:
        """Cities as their last events told them, those that are declared no longer too: all, or just these."""
        async with self.database.read() as connection:
            rows = await store.cities(connection, undeclared=True)
        return [_city_changed(row) for row in rows if not slugs or row.slug in slugs]

    async def snapshot_located(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceLocated]:
        """Where spaces are, as their last events told it."""
        async with self.database.read() as connection:
            return [_located(row) for row in await store.placed(connection, after, limit, ids)]

    async def snapshot_answers(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceApplied]:
        """What we answered last about spaces."""
        async with self.database.read() as connection:
            return [_answer(row) for row in await store.placed(connection, after, limit, ids)]

    # Datasets.

    async def load(self, name: str, prepared: Prepared, declared: Declared | None = None) -> DatasetLoaded:
        """Swap a dataset's features for the prepared ones and place the city's spaces anew, in one transaction.

        Without ``declared`` no custom resource declares it. Raises Problem 422 for a city that is not declared, and for
        features that cannot lie in it, 409 for one that the declaring namespace may not use.
        """
        namespace = name.partition(".")[0]
        if declared is not None and not self.configuration.policy.may_use(namespace, prepared.city):
            raise Problem(409, "city-not-allowed", not_allowed(namespace, prepared.city))
        async with self.database.read() as connection:
            city = await store.city(connection, prepared.city)
        if city is not None:
            await asyncio.to_thread(check_places, prepared, (city.latitude, city.longitude))
        answer = DatasetLoaded(
            features=len(prepared.rows),
            checksum=prepared.checksum,
            unchanged=True,
            repaired=prepared.repaired,
        )
        async with self.database.transaction() as connection:
            # A big dataset may take longer than a request of a renter may.
            await connection.execute(text("SET LOCAL statement_timeout = '60s'"))
            old = await store.dataset(connection, name)
            touched = {prepared.city} | ({old.city} if old else set())
            await store.lock_city(connection, *touched)
            old = await store.dataset(connection, name)
            if await store.city(connection, prepared.city) is None:
                known = ", ".join(row.slug for row in await store.cities(connection)) or "none"
                detail = f'The city "{prepared.city}" is not declared in the PlatformConfig. Declared: {known}.'
                raise Problem(422, "unknown-city", detail)
            if old and self._same(old, prepared) and await store.digest(connection, name, old.type) == old.digest:
                await store.note_dataset(connection, name, _declaration(declared) | {"checked_at": func.now()})
                return answer
            await self._swap(connection, name, prepared, declared)
            relocated = await self._map_changed(connection, touched, {prepared.type} | ({old.type} if old else set()))
        log.info("dataset_loaded", dataset=name, features=len(prepared.rows), relocated=relocated)
        return answer.model_copy(update={"unchanged": False, "relocated": relocated})

    async def _map_changed(self, connection: AsyncConnection, cities: Set[str], types: Set[str]) -> int:
        """Layers of these types have changed in these cities: nest districts, place spaces anew; how many moved."""
        if "districts" in types:
            for city in sorted(cities):
                await store.nest_districts(connection, city)
        rows = await store.locate(connection, sorted(cities), self.radius)
        await self._publish(connection, rows)
        return len(rows)

    @staticmethod
    def _same(old: Row[Any], prepared: Prepared) -> bool:
        before = (old.city, old.type, old.level, old.checksum)
        return before == (prepared.city, prepared.type, prepared.level, prepared.checksum)

    async def _swap(
        self, connection: AsyncConnection, name: str, prepared: Prepared, declared: Declared | None
    ) -> None:
        values = {
            "name": name,
            "city": prepared.city,
            "type": prepared.type,
            "level": prepared.level,
            "checksum": prepared.checksum,
            "features": len(prepared.rows),
            "repaired": prepared.repaired,
        }
        await store.replace_dataset(connection, values | _declaration(declared))
        rows: Sequence[dict[str, Any]] = prepared.rows
        if prepared.type == "districts":
            rows = with_slugs(rows, await store.district_slugs(connection, prepared.city))
        mine = {"dataset": name, "city": prepared.city} | ({"level": prepared.level} if prepared.level else {})
        await store.add_features(connection, prepared.type, [row | mine for row in rows])
        await store.note_dataset(connection, name, {"digest": await store.digest(connection, name, prepared.type)})

    async def dataset(self, name: str, *, verify: bool) -> DatasetState:
        """What is loaded under a name; ``verify`` reads all its rows. Raises Problem 404."""
        async with self.database.read() as connection:
            row = await store.dataset(connection, name)
            if row is None:
                raise Problem(404, "not-found", f'There is no dataset "{name}".')
            intact = await store.digest(connection, name, row.type) == row.digest if verify else None
        return DatasetState.model_validate({**row._mapping, "intact": intact})

    async def let_go(self, name: str, owner: UUID, policy: Literal["retain", "delete"]) -> None:
        """The resource that declares a dataset goes: the rows go with it, or stay and nobody declares them.

        Nothing for a dataset that another resource declares, or that is not there.
        """
        async with self.database.transaction() as connection:
            old = await store.dataset(connection, name)
            if old is None or old.owner != owner:
                return
            await store.lock_city(connection, old.city)
            if policy == "retain":
                await store.note_dataset(connection, name, _declaration(None))
                return
            await store.remove_dataset(connection, name)
            await self._map_changed(connection, {old.city}, {old.type})
        log.info("dataset_removed", dataset=name)

    # Spaces.

    async def note_space(self, event: SpaceChanged) -> None:
        """Store a space's position and say where it is; nothing for an old or repeated event."""
        await self._moves.do((event, telemetry.request_id.get()))

    async def _note_spaces(self, moves: Sequence[Move]) -> list[None]:
        ordered = sorted(moves, key=lambda move: (move[0].space_id, move[0].revision))
        newest = {event.space_id: (event, request_id) for event, request_id in ordered}
        events = [event for event, _ in newest.values()]
        requests = {space_id: request_id for space_id, (_, request_id) in newest.items()}
        async with self.database.transaction() as connection:
            await store.lock_city(connection, *(event.city for event in events), shared=True)
            moved = [event for event in events if await store.put_position(connection, event)]
            await self._placed(connection, moved, requests)
        return [None] * len(moves)

    async def place(self, connection: AsyncConnection, event: SpaceChanged, **how: bool) -> None:
        """The same under the city's lock; ``how`` as ``store.put_position`` takes it."""
        if await store.put_position(connection, event, **how):
            await self._placed(connection, [event])

    async def _placed(
        self, connection: AsyncConnection, events: Sequence[SpaceChanged], requests: Mapping[UUID, str] | None = None
    ) -> None:
        if events:
            cities, spaces = sorted({event.city for event in events}), [event.space_id for event in events]
            rows = await store.locate(connection, cities, self.radius, spaces=spaces, always=True)
            await self._publish(connection, rows, answer=True, requests=requests)

    async def place_anew(self, space_ids: Sequence[UUID]) -> set[UUID]:
        """Find out once more where these spaces are; those whose place was not right."""
        async with self.database.transaction() as connection:
            cities = await store.cities_of_positions(connection, space_ids)
            await store.lock_city(connection, *cities)
            rows = await store.locate(connection, cities, self.radius, spaces=space_ids)
            await self._publish(connection, rows)
        return {row.space_id for row in rows}

    async def forget_space(self, event: SpaceRemoved) -> None:
        """Drop a space's position."""
        async with self.database.transaction() as connection:
            await store.remove_position(connection, event.space_id, event.revision)

    async def _publish(
        self,
        connection: AsyncConnection,
        rows: Sequence[Row[Any]],
        *,
        answer: bool = False,
        requests: Mapping[UUID, str] | None = None,
    ) -> None:
        """Record where spaces are, and our answer to their revision when it is due or has changed.

        ``requests`` are the ids of the requests that caused it, by space, when they differ.
        """
        current, told = telemetry.request_id.get(), []
        for row in rows:
            events: list[Event] = [_located(row)]
            if answer or row.reason != row.old_reason:
                events.append(_answer(row))
            told += [(event, (requests or {}).get(row.space_id, current)) for event in events]
        await record(connection, OUTBOX, [event for event, _ in told], [request for _, request in told])


def _declaration(declared: Declared | None) -> dict[str, Any]:
    if declared is None:
        return {"owner": None, "generation": None, "source": ""}
    return {"owner": declared.owner, "generation": declared.generation, "source": declared.source}


def _city_changed(row: Row[Any]) -> CityChanged:
    return CityChanged(
        slug=row.slug,
        revision=row.revision,
        name=row.name,
        time_zone=row.time_zone,
        currency=row.currency,
        center=center(row),
        zoom=row.zoom,
    )


def _located(row: Row[Any]) -> SpaceLocated:
    found = row.located | {"doubts": plausible.doubts(row.located)}
    return SpaceLocated(space_id=row.space_id, revision=row.revision, space_revision=row.space_revision, **found)


def _answer(row: Row[Any]) -> SpaceApplied:
    return SpaceApplied(
        space_id=row.space_id,
        revision=row.space_revision,
        service="geo",
        outcome="applied" if places.outcome(row.reason) == "applied" else "refused",
        reason=row.reason,
        message=places.message(row.reason, row.city),
    )


def center(row: Row[Any]) -> Location:
    """The centre of a city's row."""
    return Location(latitude=row.latitude, longitude=row.longitude)
