"""Where spaces are: found out when a space says so, and again when cities, districts or stops change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from mesto.common.batching import Batcher
from mesto.common.database.engine import Database, is_permanent
from mesto.common.messaging.outbox import record
from mesto.common.observability import request_context
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import Event, SpaceApplied, SpaceChanged, SpaceLocated, SpaceRemoved
from mesto.contracts.policy import GeoPolicy
from mesto.geo.cities.service import Cities
from mesto.geo.locations import rules, store
from mesto.geo.locations.records import SpaceLocation
from mesto.geo.tables import OUTBOX
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_MOVES = 20
"""Spaces placed in one transaction; the broker gives us no more events at a time."""
Move = tuple[SpaceChanged, str]
"""An event and the id of the request that caused it."""


class Locations:
    """Positions of spaces and what was found out about them."""

    def __init__(self, database: Database, configuration: Configuration[GeoPolicy], cities: Cities) -> None:
        self.database, self.configuration, self.cities = database, configuration, cities
        self._moves: Batcher[Move, None] = Batcher(self._place_moved, max_items=MOST_MOVES, is_poison=is_permanent)

    @property
    def radius(self) -> int:
        """How far a stop may be to count, in metres."""
        return self.configuration.policy.transit_radius_metres

    async def apply_policy(self, section: GeoPolicy) -> None:
        """Make the declared cities those of ``section`` and place every space anew that this concerns."""
        declared = {city.slug for city in section.cities}
        async with self.database.transaction() as connection:
            touched = declared | await self.cities.known_slugs(connection) | set(await store.list_cities(connection))
            await self.cities.lock(connection, *touched)
            await self.cities.apply(connection, section.cities)
            moved = await store.locate(connection, sorted(touched), section.transit_radius_metres)
            await self._publish(connection, moved)

    async def snapshot_located(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceLocated]:
        """Return where spaces are, as their last events told it."""
        async with self.database.read() as connection:
            return [_located(location) for location in await store.list_located(connection, after, limit, ids)]

    async def snapshot_applied(self, after: UUID | None, limit: int, ids: Sequence[UUID]) -> list[SpaceApplied]:
        """Return what geo answered last about spaces."""
        async with self.database.read() as connection:
            return [_applied(location) for location in await store.list_located(connection, after, limit, ids)]

    async def relocate(self, connection: AsyncConnection, cities: Sequence[str]) -> int:
        """Find out anew where the spaces of these cities are, whose locks the caller holds; return how many moved."""
        moved = await store.locate(connection, cities, self.radius)
        await self._publish(connection, moved)
        return len(moved)

    async def relocate_spaces(self, space_ids: Sequence[UUID]) -> set[UUID]:
        """Find out once more where these spaces are; return those whose place was not right."""
        async with self.database.transaction() as connection:
            cities = await store.list_cities(connection, space_ids)
            await self.cities.lock(connection, *cities)
            moved = await store.locate(connection, cities, self.radius, spaces=space_ids)
            await self._publish(connection, moved)
        return {location.space_id for location in moved}

    async def note_space(self, event: SpaceChanged) -> None:
        """Store a space's position and say where it is; nothing for an old or repeated event."""
        await self._moves.do((event, request_context.request_id.get()))

    async def _place_moved(self, moves: Sequence[Move]) -> list[None]:
        ordered = sorted(moves, key=lambda move: (move[0].space_id, move[0].revision))
        newest = {event.space_id: (event, request_id) for event, request_id in ordered}
        events = [event for event, _ in newest.values()]
        requests = {space_id: request_id for space_id, (_, request_id) in newest.items()}
        async with self.database.transaction() as connection:
            await self.cities.lock(connection, *(event.city for event in events), shared=True)
            news = [event for event in events if await store.upsert_position(connection, event)]
            await self._locate_and_answer(connection, news, requests)
        return [None] * len(moves)

    async def restore(self, connection: AsyncConnection, event: SpaceChanged, *, force: bool) -> None:
        """Store what a space says once more, for a rebuild; the caller holds the city's lock.

        Our own revision of the place may be lost, so it goes on from the clock. ``force``: whatever we have seen.
        """
        if await store.upsert_position(connection, event, force=force, restored=True):
            await self._locate_and_answer(connection, [event])

    async def _locate_and_answer(
        self, connection: AsyncConnection, events: Sequence[SpaceChanged], requests: Mapping[UUID, str] | None = None
    ) -> None:
        if events:
            cities, spaces = sorted({event.city for event in events}), [event.space_id for event in events]
            found = await store.locate(connection, cities, self.radius, spaces=spaces, always=True)
            await self._publish(connection, found, answer=True, requests=requests)

    async def forget_space(self, event: SpaceRemoved) -> None:
        """Drop a space's position."""
        async with self.database.transaction() as connection:
            await store.delete_position(connection, event.space_id, event.revision)

    async def _publish(
        self,
        connection: AsyncConnection,
        locations: Sequence[SpaceLocation],
        *,
        answer: bool = False,
        requests: Mapping[UUID, str] | None = None,
    ) -> None:
        """Record where spaces are, and our answer to their revision when it is due or has changed.

        ``requests`` are the ids of the requests that caused it, by space, when they differ.
        """
        current, caused = request_context.request_id.get(), []
        for location in locations:
            events: list[Event] = [_located(location)]
            if answer or location.reason != location.reason_before:
                events.append(_applied(location))
            caused += [(event, (requests or {}).get(location.space_id, current)) for event in events]
        await record(connection, OUTBOX, [event for event, _ in caused], [request for _, request in caused])


def _located(location: SpaceLocation) -> SpaceLocated:
    return SpaceLocated(
        space_id=location.space_id,
        revision=location.revision,
        space_revision=location.space_revision,
        city=location.place.city,
        district=location.place.district,
        transit=list(location.place.transit),
        doubts=rules.doubts(location.place),
    )


def _applied(location: SpaceLocation) -> SpaceApplied:
    return SpaceApplied(
        space_id=location.space_id,
        revision=location.space_revision,
        service="geo",
        outcome="applied" if rules.outcome(location.reason) == "applied" else "refused",
        reason=location.reason,
        message=rules.message(location.reason, location.city),
    )
