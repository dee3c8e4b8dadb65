"""SQL of layers: what the datasets of a city hold."""

from __future__ import annotations

from mesto.contracts.text import Text
from mesto.geo.datasets.records import DatasetType
from mesto.geo.datasets.tables import DATASETS
from mesto.geo.layers.records import DistrictShape, StopPoint
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

_DISTRICTS = text("""
    SELECT slug, name, level, parent, ST_AsGeoJSON(ST_SimplifyPreserveTopology(area, :tolerance), 5) AS geometry
    FROM geo.districts WHERE city = :city ORDER BY slug
""")
_STOPS = text("""
    SELECT name, line, color, ST_Y(position::geometry) AS lat, ST_X(position::geometry) AS lon
    FROM geo.stops WHERE city = :city ORDER BY line, id
""")


async def list_versions(connection: AsyncConnection, city: str, kind: DatasetType) -> list[str]:
    """Return the names and checksums of the datasets that make up a city's layer."""
    statement = select(DATASETS.c.name, DATASETS.c.checksum).where(DATASETS.c.city == city, DATASETS.c.type == kind)
    return [f"{row.name}:{row.checksum}" for row in await connection.execute(statement.order_by(DATASETS.c.name))]


async def list_districts(connection: AsyncConnection, city: str, tolerance: float) -> list[DistrictShape]:
    """Return the districts of a city by slug; outlines may be off by ``tolerance`` degrees."""
    rows = (await connection.execute(_DISTRICTS, {"city": city, "tolerance": tolerance})).mappings()
    return [DistrictShape(**{**row, "name": Text.model_validate(row["name"])}) for row in rows]


async def list_stops(connection: AsyncConnection, city: str) -> list[StopPoint]:
    """Return the stops of a city by line."""
    return [StopPoint(**row) for row in (await connection.execute(_STOPS, {"city": city})).mappings()]
