"""SQL of datasets and their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from mesto.geo.datasets.records import Dataset, DatasetType, Declaration, Level, NewDataset, NewDistrict, NewStop
from mesto.geo.datasets.tables import DATASETS, DISTRICTS, STOPS
from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 500


async def allow_long_statements(connection: AsyncConnection) -> None:
    """Let statements of this transaction take a minute: a big dataset may take longer than a renter's request."""
    await connection.execute(text("SET LOCAL statement_timeout = '60s'"))


async def find(connection: AsyncConnection, name: str) -> Dataset | None:
    """Return what is known of a dataset, None when nothing is loaded under the name."""
    row = (await connection.execute(select(DATASETS).where(DATASETS.c.name == name))).mappings().first()
    return None if row is None else Dataset(**row)


async def replace(connection: AsyncConnection, dataset: NewDataset, declaration: Declaration | None) -> None:
    """Forget the features of the dataset of that name and note what is coming; without a declaration nobody owns it."""
    await delete_dataset(connection, dataset.name)
    await connection.execute(DATASETS.insert().values(**asdict(dataset), **_declared(declaration)))


async def delete_dataset(connection: AsyncConnection, name: str) -> None:
    """Forget a dataset and its features."""
    await connection.execute(delete(DATASETS).where(DATASETS.c.name == name))


async def set_declaration(
    connection: AsyncConnection, name: str, declaration: Declaration | None, *, checked: bool = False
) -> None:
    """Note who declares a dataset; ``checked``: its source was just found to say the same."""
    values = _declared(declaration) | ({"checked_at": func.now()} if checked else {})
    await connection.execute(update(DATASETS).where(DATASETS.c.name == name).values(**values))


def _declared(declaration: Declaration | None) -> dict[str, object]:
    return asdict(declaration) if declaration else {"owner": None, "generation": None, "source": ""}


async def set_digest(connection: AsyncConnection, name: str, kind: DatasetType) -> None:
    """Note the hash of the rows as they are stored now."""
    hashed = await digest(connection, name, kind)
    await connection.execute(update(DATASETS).where(DATASETS.c.name == name).values(digest=hashed))


_PARENTS = text("""
    UPDATE geo.districts d SET parent = found.slug
    FROM (
        SELECT inner_one.id, okrug.slug FROM geo.districts inner_one LEFT JOIN LATERAL (
            SELECT slug FROM geo.districts outer_one
            WHERE outer_one.city = inner_one.city AND outer_one.level = 'okrug'
              AND ST_Intersects(outer_one.area, inner_one.area)
            ORDER BY ST_Area(ST_Intersection(outer_one.area, inner_one.area)) DESC, slug LIMIT 1
        ) okrug ON true
        WHERE inner_one.city = :city AND inner_one.level = 'district'
    ) found
    WHERE d.id = found.id AND d.parent IS DISTINCT FROM found.slug
""")


async def nest_districts(connection: AsyncConnection, city: str) -> None:
    """Note for each district of a city the okrug that holds most of it."""
    await connection.execute(_PARENTS, {"city": city})


_DIGESTS = {
    "districts": "slug, name::text, level, ST_AsBinary(area)",
    "stops": "name, coalesce(line, ''), coalesce(color, ''), ST_AsBinary(position)",
}


async def digest(connection: AsyncConnection, name: str, kind: DatasetType) -> str:
    """Return a hash of the stored rows of a dataset, in the order in which they came."""
    statement = text(f"""
        SELECT coalesce(md5(string_agg(md5(ROW({_DIGESTS[kind]})::text), '' ORDER BY id)), '')
        FROM geo.{kind} WHERE dataset = :name
    """)  # noqa: S608 - the only things put in are constants
    return str((await connection.execute(statement, {"name": name})).scalar_one())


async def list_district_slugs(connection: AsyncConnection, city: str) -> set[str]:
    """Return the slugs of districts that are taken in a city."""
    return set((await connection.execute(select(DISTRICTS.c.slug).where(DISTRICTS.c.city == city))).scalars())


async def insert_districts(
    connection: AsyncConnection, dataset: str, city: str, level: Level, districts: Sequence[NewDistrict]
) -> None:
    """Insert the districts of a dataset, in their order."""
    of: dict[str, object] = {"dataset": dataset, "city": city, "level": level}
    rows = [of | {"slug": district.slug, "name": district.names, "area": district.area} for district in districts]
    await _insert(connection, DISTRICTS, rows)


async def insert_stops(connection: AsyncConnection, dataset: str, city: str, stops: Sequence[NewStop]) -> None:
    """Insert the stops of a dataset, in their order."""
    of: dict[str, object] = {"dataset": dataset, "city": city}
    rows = [
        of | {"name": stop.name, "line": stop.line, "color": stop.color, "position": _point(stop)} for stop in stops
    ]
    await _insert(connection, STOPS, rows)


def _point(stop: NewStop) -> str:
    return f"SRID=4326;POINT({stop.lon!r} {stop.lat!r})"


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(rows), BATCH):
        await connection.execute(table.insert(), list(rows[start : start + BATCH]))
