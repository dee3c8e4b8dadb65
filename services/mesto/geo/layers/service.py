"""Layers of the map as GeoJSON documents."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import orjson
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.contracts.text import Language
from mesto.geo.cities.service import Cities
from mesto.geo.datasets.records import DatasetType
from mesto.geo.layers import store
from mesto.geo.layers.records import DistrictShape, StopPoint
from sqlalchemy.ext.asyncio import AsyncConnection

# About ten metres: less than a pixel at the zooms at which whole districts are seen.
TOLERANCE_DEGREES = 0.0001
KEPT_LAYERS = 32


@dataclass(frozen=True)
class Layer:
    """A GeoJSON document and the tag of its content."""

    tag: str
    body: bytes


class Layers:
    """Reads; the newest layers are kept as bytes, for making one of Moscow costs a tenth of a second."""

    def __init__(self, database: Database, cities: Cities) -> None:
        self.database, self.cities = database, cities
        self._kept: OrderedDict[str, Layer] = OrderedDict()

    async def get(self, city: str, kind: DatasetType, language: Language, known_tag: str) -> Layer:
        """Return a layer of a city; its body is empty when ``known_tag`` is still right. Raises Problem 404."""
        async with self.database.read() as connection:
            if await self.cities.find(connection, city) is None:
                raise Problem(404, "not-found", f'There is no city "{city}".')
            versions = await store.list_versions(connection, city, kind)
            spoken = language if kind == "districts" else ""
            key = "|".join([kind, city, spoken, str(TOLERANCE_DEGREES), *versions])
            tag = f'"{hashlib.sha256(key.encode()).hexdigest()[:24]}"'
            if tag in known_tag:
                return Layer(tag, b"")
            if found := self._kept.get(tag):
                self._kept.move_to_end(tag)
                return found
            features = await self._features(connection, city, kind, language)
        layer = Layer(tag, orjson.dumps({"type": "FeatureCollection", "features": features}))
        self._kept[tag] = layer
        while len(self._kept) > KEPT_LAYERS:
            self._kept.popitem(last=False)
        return layer

    @staticmethod
    async def _features(
        connection: AsyncConnection, city: str, kind: DatasetType, language: Language
    ) -> list[dict[str, object]]:
        if kind == "districts":
            districts = await store.list_districts(connection, city, TOLERANCE_DEGREES)
            return [_district(district, language) for district in districts]
        return [_stop(stop) for stop in await store.list_stops(connection, city)]


def _district(district: DistrictShape, language: Language) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {
            "slug": district.slug,
            "name": district.name.localized(language),
            "level": district.level,
            "parent": district.parent,
        },
        "geometry": orjson.Fragment(district.geometry),
    }


def _stop(stop: StopPoint) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"name": stop.name, "line": stop.line, "color": stop.color},
        "geometry": {"type": "Point", "coordinates": [round(stop.lon, 6), round(stop.lat, 6)]},
    }
