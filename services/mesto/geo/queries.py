"""What the public API reads: cities, layers of the map, what is near."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from mesto.common.db import Database
from mesto.common.errors import Problem
from mesto.contracts.spaces import Location, Text
from mesto.geo import store
from mesto.geo.domain.language import choose
from mesto.geo.models import CitiesOut, CityOut, NearbyOut, NearbySpace, NearbyStop
from mesto.geo.service import center

# About ten metres: less than a pixel at the zooms at which whole districts are seen.
TOLERANCE_DEGREES = 0.0001
KEPT_LAYERS = 32
NEARBY = 50
Kind = Literal["districts", "stops"]


@dataclass(frozen=True)
class Layer:
    """A GeoJSON document and the tag of its content."""

    tag: str
    body: bytes


class Queries:
    """Reads; the newest layers are kept as bytes, for making one of Moscow costs a tenth of a second."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._layers: OrderedDict[str, Layer] = OrderedDict()

    async def cities(self, language: str) -> CitiesOut:
        """All declared cities by slug."""
        async with self.database.read() as connection:
            rows = await store.cities(connection)
        items = [
            CityOut(
                slug=row.slug,
                name=choose(row.name, language),
                names=Text.model_validate(row.name),
                time_zone=row.time_zone,
                currency=row.currency,
                center=center(row),
                zoom=row.zoom,
            )
            for row in rows
        ]
        return CitiesOut(items=items)

    async def layer(self, city: str, kind: Kind, language: str, known_tag: str) -> Layer:
        """A layer of a city; its body is empty when ``known_tag`` is still right. Raises Problem 404."""
        async with self.database.read() as connection:
            if await store.city(connection, city) is None:
                raise Problem(404, "not-found", f'There is no city "{city}".')
            versions = await store.versions(connection, city, kind)
            spoken = language if kind == "districts" else ""
            key = "|".join([kind, city, spoken, str(TOLERANCE_DEGREES), *versions])
            tag = f'"{hashlib.sha256(key.encode()).hexdigest()[:24]}"'
            if tag in known_tag:
                return Layer(tag, b"")
            if found := self._layers.get(tag):
                self._layers.move_to_end(tag)
                return found
            features = await (
                self._districts(connection, city, language) if kind == "districts" else self._stops(connection, city)
            )
        layer = Layer(tag, orjson.dumps({"type": "FeatureCollection", "features": features}))
        self._layers[tag] = layer
        while len(self._layers) > KEPT_LAYERS:
            self._layers.popitem(last=False)
        return layer

    @staticmethod
    async def _districts(connection: Any, city: str, language: str) -> list[dict[str, Any]]:
        return [
            {
                "type": "Feature",
                "properties": {
                    "slug": row.slug,
                    "name": choose(row.name, language),
                    "level": row.level,
                    "parent": row.parent,
                },
                "geometry": orjson.Fragment(row.geometry),
            }
            for row in await store.district_features(connection, city, TOLERANCE_DEGREES)
        ]

    @staticmethod
    async def _stops(connection: Any, city: str) -> list[dict[str, Any]]:
        return [
            {
                "type": "Feature",
                "properties": {"name": row.name, "line": row.line, "color": row.color},
                "geometry": {"type": "Point", "coordinates": [round(row.lon, 6), round(row.lat, 6)]},
            }
            for row in await store.stop_features(connection, city)
        ]

    async def nearby(self, lat: float, lon: float, radius_m: float) -> NearbyOut:
        """Up to 50 stops and 50 spaces within ``radius_m`` metres, nearest first."""
        async with self.database.read() as connection:
            stops = await store.stops_near(connection, lat, lon, radius_m, NEARBY)
            spaces = await store.spaces_near(connection, lat, lon, radius_m, NEARBY)
        return NearbyOut(
            stops=[
                NearbyStop(
                    name=row.name,
                    line=row.line,
                    color=row.color,
                    metres=int(row.metres),
                    location=Location(latitude=row.lat, longitude=row.lon),
                )
                for row in stops
            ],
            spaces=[NearbySpace(space_id=str(row.space_id), metres=int(row.metres)) for row in spaces],
        )
