"""Cities, as geo tells of them: their names, clocks and currencies."""

from __future__ import annotations

from collections.abc import Collection

from mesto.catalog.cities import store
from mesto.catalog.cities.records import City
from mesto.common.database.engine import Database
from mesto.contracts.events import CityChanged
from sqlalchemy.ext.asyncio import AsyncConnection


class Cities:
    """What catalog knows of cities."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, connection: AsyncConnection, slug: str) -> City | None:
        """Return a city, None until geo has told of it."""
        return await store.find(connection, slug)

    async def list_known(self, connection: AsyncConnection, slugs: Collection[str]) -> set[str]:
        """Return those of these cities that geo has told of."""
        return await store.list_known(connection, slugs)

    async def note_city(self, event: CityChanged) -> None:
        """Keep geo's newest word about a city."""
        async with self.database.transaction() as connection:
            await store.upsert(connection, city_of(event))


def city_of(event: CityChanged) -> City:
    """Return what is kept of an event."""
    return City(
        slug=event.slug,
        revision=event.revision,
        name=event.name.model_dump(),
        time_zone=event.time_zone,
        currency=event.currency,
    )
