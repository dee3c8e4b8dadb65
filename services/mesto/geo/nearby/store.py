"""SQL of what lies near a point: stops of datasets and positions of spaces."""

from __future__ import annotations

from mesto.geo.nearby.records import SpaceNear, StopNear
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_POINT = "CAST(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geography)"
_STOPS = text(f"""
    SELECT name, line, color, ST_Y(position::geometry) AS lat, ST_X(position::geometry) AS lon,
           round(ST_Distance(position, {_POINT})) AS metres
    FROM geo.stops WHERE ST_DWithin(position, {_POINT}, :radius) ORDER BY metres, name, line LIMIT :limit
""")  # noqa: S608 - the only thing put in is a constant
_SPACES = text(f"""
    SELECT space_id, round(ST_Distance(position, {_POINT})) AS metres
    FROM geo.positions WHERE NOT removed AND ST_DWithin(position, {_POINT}, :radius)
    ORDER BY metres, space_id LIMIT :limit
""")  # noqa: S608 - the only thing put in is a constant


async def list_stops(connection: AsyncConnection, lat: float, lon: float, radius: float, limit: int) -> list[StopNear]:
    """Return stops within ``radius`` metres, nearest first."""
    parameters = {"lat": lat, "lon": lon, "radius": radius, "limit": limit}
    return [StopNear(**row) for row in (await connection.execute(_STOPS, parameters)).mappings()]


async def list_spaces(
    connection: AsyncConnection, lat: float, lon: float, radius: float, limit: int
) -> list[SpaceNear]:
    """Return spaces within ``radius`` metres, nearest first."""
    parameters = {"lat": lat, "lon": lon, "radius": radius, "limit": limit}
    return [SpaceNear(**row) for row in (await connection.execute(_SPACES, parameters)).mappings()]
