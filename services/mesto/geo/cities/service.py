"""The cities of the platform, as its policy declares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.common.messaging.outbox import record
from mesto.contracts import policy
from mesto.contracts.events import CityChanged, Event
from mesto.contracts.text import Text
from mesto.geo.cities import store
from mesto.geo.cities.records import City
from mesto.geo.tables import OUTBOX
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)


class Cities:
    """Cities; those that are declared no longer keep their revisions for the day they come back."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def list_declared(self) -> list[City]:
        """Return the declared cities, by slug."""
        async with self.database.read() as connection:
            return await store.list_declared(connection)

    async def snapshot(self, slugs: Sequence[str]) -> list[CityChanged]:
        """Return cities as their last events told them, those that are declared no longer too: all, or just these."""
        async with self.database.read() as connection:
            cities = await store.list_known(connection)
        return [_changed(city) for city in cities if not slugs or city.slug in slugs]

    async def lock(self, connection: AsyncConnection, *slugs: str, shared: bool = False) -> None:
        """Keep the data of these cities, or the positions in them (``shared``), from changing elsewhere."""
        await store.lock(connection, *slugs, shared=shared)

    async def find(self, connection: AsyncConnection, slug: str) -> City | None:
        """Return a declared city, None when the policy does not declare it."""
        return await store.find_declared(connection, slug)

    async def require(self, connection: AsyncConnection, slug: str) -> City:
        """Return a declared city. Raises Problem 422 that names the cities there are."""
        if (city := await store.find_declared(connection, slug)) is not None:
            return city
        known = ", ".join(city.slug for city in await store.list_declared(connection)) or "none"
        detail = f'The city "{slug}" is not declared in the PlatformConfig. Declared: {known}.'
        raise Problem(422, "unknown-city", detail)

    async def known_slugs(self, connection: AsyncConnection) -> set[str]:
        """Return the slugs of all cities that the policy declares or once declared."""
        return {city.slug for city in await store.list_known(connection)}

    async def apply(self, connection: AsyncConnection, declared: Sequence[policy.City]) -> None:
        """Make the declared cities these and record what has changed; whoever calls holds the locks of all of them."""
        known = {city.slug: city for city in await store.list_known(connection)}
        events: list[Event] = []
        for declared_city in (_from_policy(city) for city in declared):
            before = known.get(declared_city.slug)
            if before is not None and before == replace(declared_city, revision=before.revision):
                continue
            city = replace(declared_city, revision=before.revision + 1 if before is not None else 1)
            await store.upsert(connection, city)
            log.info("city_declared", city=city.slug, revision=city.revision)
            events.append(_changed(city))
        slugs = {city.slug for city in declared}
        for slug, before in known.items():
            if before.declared and slug not in slugs:
                await store.withdraw(connection, slug)
                log.info("city_withdrawn", city=slug)
        await record(connection, OUTBOX, events)


def _from_policy(city: policy.City) -> City:
    return City(
        slug=city.slug,
        declared=True,
        revision=0,
        name=Text(ru=city.name.ru, en=city.name.en),  # of the type that is stored: models of two types are never equal
        time_zone=city.time_zone,
        currency=city.currency,
        latitude=city.center.latitude,
        longitude=city.center.longitude,
        zoom=city.zoom,
    )


def _changed(city: City) -> CityChanged:
    return CityChanged(
        slug=city.slug,
        revision=city.revision,
        name=city.name,
        time_zone=city.time_zone,
        currency=city.currency,
        center=city.center,
        zoom=city.zoom,
    )
