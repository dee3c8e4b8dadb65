"""SQL of cities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from mesto.catalog.cities.records import City
from mesto.catalog.cities.tables import CITIES
from sqlalchemy import ColumnElement, collate, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

SLUG = collate(CITIES.c.slug, "C")


async def upsert(connection: AsyncConnection, city: City, *, force: bool = False) -> bool:
    """Keep geo's newest revision of a city; return False when it or a newer one is known, unless by ``force``."""
    values = asdict(city)
    write = insert(CITIES).values(values)
    write = write.on_conflict_do_update(
        index_elements=["slug"],
        set_={name: write.excluded[name] for name in values},
        where=None if force else CITIES.c.revision < write.excluded.revision,
    )
    return (await connection.execute(write.returning(CITIES.c.slug))).first() is not None


async def list_known(connection: AsyncConnection, slugs: Collection[str]) -> set[str]:
    """Return those of these cities that geo has told of."""
    if not slugs:
        return set()
    return set((await connection.execute(select(CITIES.c.slug).where(CITIES.c.slug.in_(slugs)))).scalars())


async def lock(connection: AsyncConnection, slug: str) -> None:
    """Lock a city's row."""
    await connection.execute(select(CITIES.c.slug).where(CITIES.c.slug == slug).with_for_update())


async def delete_city(connection: AsyncConnection, slug: str) -> None:
    """Forget a city that geo does not know."""
    await connection.execute(delete(CITIES).where(CITIES.c.slug == slug))


async def find(connection: AsyncConnection, slug: str) -> City | None:
    """Return a city as geo told it."""
    row = (await connection.execute(select(CITIES).where(CITIES.c.slug == slug))).mappings().first()
    return None if row is None else City(**row)


async def list_cities(connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[City]:
    """Return cities by their slugs; ``conditions`` are on ``SLUG``."""
    rows = await connection.execute(select(CITIES).where(*conditions).order_by(SLUG).limit(limit))
    return [City(**row) for row in rows.mappings()]
