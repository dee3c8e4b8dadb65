"""What lies near a point."""

from __future__ import annotations

from mesto.common.database.engine import Database
from mesto.contracts.places import Location
from mesto.geo.nearby import store
from mesto.geo.nearby.schemas import NearbyOut, NearbySpace, NearbyStop

LIMIT = 50


class Nearby:
    """Reads of stops and spaces around a point."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, lat: float, lon: float, radius_m: float) -> NearbyOut:
        """Return up to 50 stops and 50 spaces within ``radius_m`` metres, nearest first."""
        async with self.database.read() as connection:
            stops = await store.list_stops(connection, lat, lon, radius_m, LIMIT)
            spaces = await store.list_spaces(connection, lat, lon, radius_m, LIMIT)
        return NearbyOut(
            stops=[
                NearbyStop(
                    name=stop.name,
                    line=stop.line,
                    color=stop.color,
                    metres=int(stop.metres),
                    location=Location(latitude=stop.lat, longitude=stop.lon),
                )
                for stop in stops
            ],
            spaces=[NearbySpace(space_id=str(space.space_id), metres=int(space.metres)) for space in spaces],
        )
