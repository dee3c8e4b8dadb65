"""The public API, the watched file, and events over RabbitMQ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.servers.geo import MOSCOW, NEW_YORK, SHARED, GeoStage, config, districts, space_at, square, stops
from support.waiting import eventually_async


async def test_cities_speak_both_languages(geo_stage: GeoStage) -> None:
    found = (await geo_stage.get("/cities", language="ru-RU,ru;q=0.9,en;q=0.8"))["items"]
    assert [(city["slug"], city["name"]) for city in found] == [("moscow", "Москва"), ("new-york", "Нью-Йорк")]
    assert found[0] == {
        "slug": "moscow",
        "name": "Москва",
        "names": {"ru": "Москва", "en": "Moscow"},
        "time_zone": "Europe/Moscow",
        "currency": "RUB",
        "center": {"latitude": 55.7558, "longitude": 37.6173},
        "zoom": 10,
    }
    assert (await geo_stage.get("/cities"))["items"][1]["name"] == "New York"


async def test_a_city_that_is_declared_no_longer_goes_and_may_come_back(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("A", 37.6, 55.7)))
    await geo_stage.changed(55.75, 37.65)
    await geo_stage.declare(NEW_YORK)
    assert [city["slug"] for city in (await geo_stage.get("/cities"))["items"]] == ["new-york"]
    await geo_stage.get("/districts", city="moscow", status=404)
    await geo_stage.events()
    await geo_stage.declare(NEW_YORK, MOSCOW)
    city, located, applied = await geo_stage.events()
    assert (city["slug"], city["revision"]) == ("moscow", 2)
    assert (located["district"]["slug"], applied["reason"]) == ("a", "Located")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("spec: [", "is not YAML"),
        ("spec: {geo: {cities: [{slug: x}]}}", "cities.0.name"),
        (config(MOSCOW | {"timeZone": "Europe/Moskva"}), "Europe/Moskva is not a time zone"),
        (config(MOSCOW, MOSCOW), "declared twice: moscow"),
        (config(MOSCOW | {"currency": "rubles"}), "cities.0.currency"),
        ("just words", "is not a PlatformConfig"),
    ],
)
async def test_an_invalid_file_keeps_the_old_cities(geo_stage: GeoStage, content: str, fault: str) -> None:
    await geo_stage.events()
    geo_stage.config.write_text(content)
    with pytest.raises(ValueError, match=fault):
        await geo_stage.geo.configuration.reload()
    assert len((await geo_stage.get("/cities"))["items"]) == 2
    geo_stage.config.unlink()
    with pytest.raises(FileNotFoundError):
        await geo_stage.geo.configuration.reload()
    assert len((await geo_stage.get("/cities"))["items"]) == 2
    assert await geo_stage.events() == []


async def test_layers_are_geojson_with_a_tag(geo_stage: GeoStage) -> None:
    both = square("Arbat", 37.6, 55.7) | {"name": {"ru": "Арбат", "en": "Arbat"}}
    await geo_stage.load("d", districts(both))
    await geo_stage.load("s", stops(("Арбатская", "Филёвская", 55.7521, 37.6012)))
    (district,) = (await geo_stage.get("/districts", city="moscow", language="ru"))["features"]
    assert district["properties"] == {"slug": "arbat", "name": "Арбат", "level": "district", "parent": None}
    assert district["geometry"]["type"] == "Polygon"
    (stop,) = (await geo_stage.get("/stops", city="moscow"))["features"]
    assert stop["properties"] == {"name": "Арбатская", "line": "Филёвская", "color": "#FF0000"}
    assert stop["geometry"] == {"type": "Point", "coordinates": [37.6012, 55.7521]}
    path = "/api/geo/districts?city=moscow"
    first = await geo_stage.public.get(path)
    assert first.headers["content-type"] == "application/geo+json"
    known = {"If-None-Match": first.headers["etag"]}
    again = await geo_stage.public.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await geo_stage.load("d", districts(square("Other", 37.6, 55.7)))
    changed = await geo_stage.public.get(path, headers=known)
    assert changed.json()["features"][0]["properties"]["name"] == "Other"


async def test_what_is_near_comes_nearest_first(geo_stage: GeoStage) -> None:
    await geo_stage.load("s", stops(("Far", "Red", 55.76, 37.65), ("Near", "Red", 55.751, 37.65)))
    space = await geo_stage.changed(55.7505, 37.65)
    found = await geo_stage.get("/nearby", lat=55.75, lon=37.65, radius_m=2000)
    assert [(stop["name"], stop["metres"]) for stop in found["stops"]] == [("Near", 111), ("Far", 1113)]
    assert found["spaces"] == [{"space_id": str(space), "metres": 56}]
    await geo_stage.get("/nearby", lat=95, lon=0, status=422)


@pytest.mark.parametrize("path", ["/districts", "/stops"])
async def test_a_layer_needs_a_known_city(geo_stage: GeoStage, path: str) -> None:
    await geo_stage.get(path, status=422)
    await geo_stage.get(path, city="atlantis", status=404)


async def test_the_file_is_watched_and_events_travel(running_geo: GeoStage, fresh_broker_url: str) -> None:
    from mesto.common.messaging.broker import Broker
    from mesto.contracts.events import Envelope, Event, SpaceApplied, SpaceLocated

    heard: list[Any] = []

    async def record_event(_envelope: Envelope, event: Event) -> None:
        heard.append(event)

    other = Broker(fresh_broker_url, "other", None, {SpaceLocated.type: record_event, SpaceApplied.type: record_event})
    await other.start()

    async def ready() -> bool:
        return (await running_geo.internal.get("/readyz")).status_code == 200

    await eventually_async(ready, "geo is ready")
    event = space_at(55.75, 37.65)
    envelope = {
        "id": "7f2f4f66-5d7f-4c1c-9d6a-0f6b4b3d8f11",
        "type": "space.changed",
        "time": "2026-11-23T12:00:00Z",
        "payload": event.model_dump(mode="json"),
    }
    for _ in range(2):
        await other.publish("space.changed", json.dumps(envelope).encode())

    async def answered() -> bool:
        return {type(answer) for answer in heard if answer.space_id == event.space_id} == {SpaceApplied, SpaceLocated}

    await eventually_async(answered, "geo has answered")
    running_geo.config.write_text(config(MOSCOW))

    async def gone() -> bool:
        return len((await running_geo.get("/cities"))["items"]) == 1

    await eventually_async(gone, "New York is no longer a city")
    assert len(heard) == 2
    await other.stop()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data is not beside this checkout")
async def test_moscow_and_new_york_as_they_are(geo_stage: GeoStage) -> None:
    from mesto.cli import geofile

    for name, city, kind, count in (
        ("moscow-districts.geojson", "moscow", "districts", 125),
        ("moscow-metro.json", "moscow", "stops", 282),
        ("new-york-manhattan.geojson", "new-york", "districts", 37),
        ("new-york-brooklyn.geojson", "new-york", "districts", 54),
    ):
        features, bad = geofile.read(SHARED / name, kind, {})
        assert bad == []
        body = {"type": kind, "city": city, "features": features}
        assert (await geo_stage.load(name.partition(".")[0], body))["features"] == count
    for row in json.loads((SHARED / "nyc-coworkings.json").read_text()):
        await geo_stage.changed(row["lat"], row["lng"], city="new-york")
    reasons = [event["reason"] for event in await geo_stage.events("space.applied")]
    assert (len(reasons), reasons.count("NoDistrict"), reasons.count("Located")) == (65, 9, 56)
    answer = await geo_stage.public.get("/api/geo/districts?city=moscow")
    assert len(answer.json()["features"]) == 125
    assert len(answer.content) < 600_000
    assert len((await geo_stage.get("/stops", city="moscow"))["features"]) == 282
    await geo_stage.changed(55.7636, 37.6347)
    (located,) = await geo_stage.located()
    assert located["district"]["name"]["ru"] == "Красносельский район"
    assert {stop["name"] for stop in located["transit"]} & {"Чистые пруды", "Лубянка", "Тургеневская"}
