"""SQL of cities."""

from __future__ import annotations

from dataclasses import asdict

from mesto.contracts.text import Text
from mesto.geo.cities.records import City
from mesto.geo.cities.tables import CITIES
from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def lock(connection: AsyncConnection, *slugs: str, shared: bool = False) -> None:
    """Keep a city's data (exclusive) or a position in it (shared) from changing in another transaction.

    Without it a space placed by the old districts could be committed just after all spaces were placed anew.
    """
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    for slug in sorted(set(slugs)):
        await connection.execute(text(f"SELECT {name}(hashtextextended(:key, 0))"), {"key": f"mesto.geo.city:{slug}"})


async def list_declared(connection: AsyncConnection) -> list[City]:
    """Return the cities that the policy declares, by slug."""
    return await _cities(connection, select(CITIES).where(CITIES.c.declared))


async def list_known(connection: AsyncConnection) -> list[City]:
    """Return the cities that the policy declares or once declared, by slug."""
    return await _cities(connection, select(CITIES))


async def find_declared(connection: AsyncConnection, slug: str) -> City | None:
    """Return a declared city, None when the policy does not declare it."""
    return next(iter(await _cities(connection, select(CITIES).where(CITIES.c.slug == slug, CITIES.c.declared))), None)


async def _cities(connection: AsyncConnection, statement: Select[*tuple[object, ...]]) -> list[City]:
    rows = (await connection.execute(statement.order_by(CITIES.c.slug))).mappings()
    return [City(**{**row, "name": Text.model_validate(row["name"])}) for row in rows]


async def upsert(connection: AsyncConnection, city: City) -> None:
    """Insert a city, or replace the one of its slug."""
    values = asdict(city) | {"name": city.name.model_dump()}
    statement = insert(CITIES).values(**values)
    changed = {name: statement.excluded[name] for name in values}
    await connection.execute(statement.on_conflict_do_update(index_elements=[CITIES.c.slug], set_=changed))


async def withdraw(connection: AsyncConnection, slug: str) -> None:
    """Note that the policy declares a city no longer.

    Its data stays for the day it comes back. Nobody is told, so its revision stays.
    """
    await connection.execute(update(CITIES).where(CITIES.c.slug == slug).values(declared=False))
