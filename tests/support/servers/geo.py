"""A stage for tests of geo, and data for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import yaml
from mesto.common.server import Service
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from mesto.geo.bootstrap import Geo
from mesto.geo.tables import OUTBOX
from mestolocal.paths import REPO
from sqlalchemy import delete, select, text

SHARED = Path(os.environ.get("MESTO_SHARED", REPO.parent / "shared")) / "data"

MOSCOW: dict[str, Any] = {
    "slug": "moscow",
    "name": {"ru": "Москва", "en": "Moscow"},
    "timeZone": "Europe/Moscow",
    "currency": "RUB",
    "center": {"latitude": 55.7558, "longitude": 37.6173},
    "zoom": 10,
}
NEW_YORK = MOSCOW | {
    "slug": "new-york",
    "name": {"ru": "Нью-Йорк", "en": "New York"},
    "timeZone": "America/New_York",
    "currency": "USD",
    "center": {"latitude": 40.73, "longitude": -73.99},
}


def config(*cities: dict[str, Any], radius: int = 1500) -> str:
    """A PlatformConfig with these cities."""
    return yaml.safe_dump({"spec": {"geo": {"transitRadiusMetres": radius, "cities": list(cities)}}})


def square(name: str, west: float, south: float, size: float = 0.1, **more: Any) -> dict[str, Any]:
    """A square district; ``size`` in degrees."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"name": {"en": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}} | more


def districts(*features: dict[str, Any], city: str = "moscow") -> dict[str, Any]:
    """The body of a dataset of districts."""
    return {"type": "districts", "city": city, "features": list(features)}


def stops(*features: tuple[str, str, float, float], city: str = "moscow") -> dict[str, Any]:
    """The body of a dataset of stops: name, line, lat, lon."""
    rows = [{"name": n, "line": line, "color": "#ff0000", "lat": lat, "lon": lon} for n, line, lat, lon in features]
    return {"type": "stops", "city": city, "features": rows}


def space_at(
    lat: float, lon: float, *, city: str = "moscow", revision: int = 1, space_id: UUID | None = None, **more: Any
) -> Any:
    """space.changed of a space at a point; ``more`` are other fields."""
    return SpaceChanged.model_validate(
        {
            "space_id": space_id or uuid4(),
            "revision": revision,
            "slug": "loft",
            "title": {"en": "Loft"},
            "city": city,
            "address": "Somewhere 1",
            "location": {"latitude": lat, "longitude": lon},
            "time_zone": "Europe/Moscow",
            "opening_hours": [],
            "exceptions": [],
            "resources": [],
            "policy": {"approval": "instant", "hold_minutes": 15, "cancellation": []},
            "owner_email": None,
            "published": True,
        }
        | more
    )


@dataclass
class GeoStage:
    """One geo and clients for it. ``config`` is the file with its cities."""

    service: Service
    geo: Geo
    public: httpx.AsyncClient
    internal: httpx.AsyncClient
    config: Path

    async def declare(self, *cities: dict[str, Any], radius: int = 1500) -> None:
        """Write the file and have it read."""
        self.config.write_text(config(*cities, radius=radius))
        await self.geo.configuration.reload()

    async def load(self, name: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        """Put a dataset; the decoded answer."""
        answer = await self.internal.put(f"/internal/datasets/{name}", json=body)
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def changed(self, lat: float, lon: float, **more: Any) -> UUID:
        """Handle a space.changed; the space's id."""
        event: SpaceChanged = space_at(lat, lon, **more)
        await self.geo.locations.note_space(event)
        return event.space_id

    async def removed(self, space_id: UUID, revision: int) -> None:
        await self.geo.locations.forget_space(SpaceRemoved(space_id=space_id, revision=revision))

    async def events(self, *types: str) -> list[dict[str, Any]]:
        """Take the events out of the outbox: their payloads with the type put in, in order."""
        async with self.geo.database.transaction() as connection:
            bodies = (await connection.execute(select(OUTBOX.c.body).order_by(OUTBOX.c.id))).scalars().all()
            await connection.execute(delete(OUTBOX))
        found = [envelope["payload"] | {"type": envelope["type"]} for envelope in map(orjson.loads, bodies)]
        return [event for event in found if not types or event["type"] in types]

    async def located(self) -> list[dict[str, Any]]:
        """The space.located events waiting; all others are thrown away."""
        return await self.events("space.located")

    async def get(self, path: str, *, language: str = "en", status: int = 200, **params: Any) -> Any:
        """The public API under /api/geo."""
        answer = await self.public.get(f"/api/geo{path}", params=params, headers={"Accept-Language": language})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def sql(self, statement: str, **params: Any) -> list[Any]:
        """Run SQL as geo's role."""
        async with self.geo.database.transaction() as connection:
            result = await connection.execute(text(statement), params)
            return list(result.all()) if result.returns_rows else []
