"""Where spaces are, by districts and stops that come, change and go."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from mesto.geo.locations import store
from support.servers.geo import MOSCOW, NEW_YORK, GeoStage, districts, space_at, square, stops
from support.waiting import eventually_async

INSIDE = (55.75, 37.65)


async def test_a_space_gets_the_smallest_district_and_the_nearest_stops(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("Big", 37.0, 55.0, 1.0), square("Small", 37.6, 55.7, 0.1)))
    lines = [("A", "Red", 55.751, 37.65), ("A", "Red", 55.7505, 37.65), ("A", "Blue", 55.752, 37.65)]
    more = [(f"S{n}", "Green", 55.75 + n / 1000, 37.65) for n in range(3, 9)]
    await geo_stage.load("s", stops(*lines, *more, ("Far", "Red", 55.9, 37.65)))
    await geo_stage.events()
    space = await geo_stage.changed(*INSIDE)
    located, applied = await geo_stage.events()
    assert located["type"] == "space.located"
    assert (located["space_id"], located["space_revision"], located["revision"]) == (str(space), 1, 1)
    assert located["city"] == {"slug": "moscow", "name": {"ru": "Москва", "en": "Moscow"}}
    assert located["district"] == {"slug": "small", "name": {"ru": None, "en": "Small"}}
    assert [(stop["name"], stop["line"]) for stop in located["transit"]] == [
        ("A", "Red"),
        ("A", "Blue"),
        ("S3", "Green"),
        ("S4", "Green"),
        ("S5", "Green"),
    ]
    assert located["transit"][0] == {"name": "A", "line": "Red", "color": "#FF0000", "metres": 56}
    assert applied["type"] == "space.applied"
    assert (applied["service"], applied["outcome"], applied["reason"]) == ("geo", "applied", "Located")


async def test_outside_every_district_is_applied_too(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("Elsewhere", 37.0, 55.0)))
    await geo_stage.load("ny", districts(square("Not of this city", -74.5, 40.5, 1.0), city="new-york"))
    await geo_stage.events()
    await geo_stage.changed(40.75, -74.0)
    located, applied = await geo_stage.events()
    assert located["district"] is None
    assert (applied["outcome"], applied["reason"]) == ("applied", "NoDistrict")
    assert "none of the districts" in applied["message"]


async def test_a_place_that_may_be_a_mistake_is_taken_and_doubted(geo_stage: GeoStage) -> None:
    await geo_stage.events()
    await geo_stage.changed(0.0, 0.0, time_zone="Asia/Tokyo")
    located, applied = await geo_stage.events()
    assert [doubt["reason"] for doubt in located["doubts"]] == ["FarFromCity", "OtherTimeZone"]
    assert "0, 0 is 7,051 km" in located["doubts"][0]["message"]
    assert applied["outcome"] == "applied"
    tver, zelenograd = (56.8587, 35.9176), (55.9825, 37.1814)
    await geo_stage.changed(*zelenograd, time_zone="Europe/Minsk")
    space = await geo_stage.changed(*tver)
    near, far = await geo_stage.located()
    assert (near["doubts"], [doubt["reason"] for doubt in far["doubts"]]) == ([], ["FarFromCity"])
    await geo_stage.load("d", districts(square("West", 35.0, 55.0), square("North", 37.0, 57.0)))
    (located,) = await geo_stage.located()
    assert (located["space_id"], located["doubts"]) == (str(space), []), "within the extent of the districts"


async def test_a_space_on_the_border_has_a_district(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("West", 37.5, 55.7, 0.5), square("East", 38.0, 55.7, 0.5)))
    await geo_stage.events()
    await geo_stage.changed(55.8, 38.0)
    (located,) = await geo_stage.located()
    assert located["district"]["slug"] in ("east", "west")


async def test_a_new_dataset_moves_only_those_that_it_concerns(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("West", 37.0, 55.7), square("East", 37.6, 55.7)))
    west = await geo_stage.changed(55.75, 37.05)
    east = await geo_stage.changed(55.75, 37.65)
    await geo_stage.events()
    answer = await geo_stage.load("d", districts(square("West", 37.0, 55.7), square("Orient", 37.6, 55.7)))
    assert (answer["unchanged"], answer["relocated"]) == (False, 1)
    (located,) = await geo_stage.events()
    assert (located["space_id"], located["revision"], located["district"]["slug"]) == (str(east), 2, "orient")
    await geo_stage.load("d", districts(square("Orient", 37.6, 55.7)))
    located, applied = await geo_stage.events()
    assert (located["space_id"], located["district"]) == (str(west), None)
    assert (applied["type"], applied["reason"], applied["revision"]) == ("space.applied", "NoDistrict", 1)


async def test_the_same_dataset_again_changes_nothing(geo_stage: GeoStage) -> None:
    body = districts(square("West", 37.0, 55.7))
    first = await geo_stage.load("d", body)
    await geo_stage.changed(55.75, 37.05)
    await geo_stage.events()
    again = await geo_stage.load("d", body)
    assert (first["unchanged"], again["unchanged"], again["checksum"]) == (False, True, first["checksum"])
    assert await geo_stage.events() == []


async def test_two_datasets_of_a_city_stand_side_by_side(geo_stage: GeoStage) -> None:
    await geo_stage.load("one", districts(square("Center", 37.0, 55.7)))
    await geo_stage.load("two", districts(square("Center", 37.6, 55.7), square("Center", 37.8, 55.7)))
    found = await geo_stage.get("/districts", city="moscow")
    assert [feature["properties"]["slug"] for feature in found["features"]] == ["center", "center-2", "center-3"]
    await geo_stage.load("two", districts(square("Center", 37.6, 55.7)))
    found = await geo_stage.get("/districts", city="moscow")
    assert [feature["properties"]["slug"] for feature in found["features"]] == ["center", "center-2"]


async def test_a_dataset_that_goes_to_another_city_leaves_the_first(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("Here", 37.6, 55.7)))
    await geo_stage.changed(*INSIDE)
    await geo_stage.events()
    await geo_stage.load("d", districts(square("There", -74.0, 40.7), city="new-york"))
    (located,) = await geo_stage.located()
    assert located["district"] is None


async def test_order_and_repeats_do_not_matter(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("West", 37.0, 55.7), square("East", 37.6, 55.7)))
    space = await geo_stage.changed(55.75, 37.65, revision=3)
    await geo_stage.events()
    await geo_stage.changed(55.75, 37.05, revision=2, space_id=space)
    await geo_stage.changed(55.75, 37.05, revision=3, space_id=space)
    assert await geo_stage.events() == []
    await geo_stage.changed(55.75, 37.05, revision=4, space_id=space)
    (located,) = await geo_stage.located()
    assert (located["revision"], located["space_revision"], located["district"]["slug"]) == (2, 4, "west")


async def test_a_removed_space_stays_removed(geo_stage: GeoStage) -> None:
    space = await geo_stage.changed(*INSIDE, revision=1)
    await geo_stage.removed(space, 3)
    await geo_stage.changed(*INSIDE, revision=2, space_id=space)
    unseen = uuid4()
    await geo_stage.removed(unseen, 2)
    await geo_stage.changed(*INSIDE, revision=1, space_id=unseen)
    await geo_stage.events()
    await geo_stage.load("d", districts(square("East", 37.6, 55.7)))
    assert await geo_stage.located() == []
    assert (await geo_stage.get("/nearby", lat=55.75, lon=37.65, radius_m=10_000))["spaces"] == []


async def test_a_late_removal_of_an_older_revision_is_ignored(geo_stage: GeoStage) -> None:
    space = await geo_stage.changed(*INSIDE, revision=5)
    await geo_stage.removed(space, 4)
    found = await geo_stage.get("/nearby", lat=55.75, lon=37.65, radius_m=100)
    assert found["spaces"] == [{"space_id": str(space), "metres": 0}]


async def test_an_unknown_city_is_refused_until_it_is_declared(geo_stage: GeoStage) -> None:
    await geo_stage.declare(NEW_YORK)
    await geo_stage.events()
    space = await geo_stage.changed(*INSIDE, revision=7)
    located, applied = await geo_stage.events()
    assert (located["city"], located["district"], located["transit"]) == (None, None, [])
    assert (applied["outcome"], applied["reason"]) == ("refused", "UnknownCity")
    assert "moscow" in applied["message"]
    await geo_stage.declare(NEW_YORK, MOSCOW)
    city, located, applied = await geo_stage.events()
    assert (city["type"], city["slug"], city["revision"]) == ("city.changed", "moscow", 2)
    assert (located["space_id"], located["city"]["slug"], located["revision"]) == (str(space), "moscow", 2)
    assert (applied["outcome"], applied["reason"], applied["revision"]) == ("applied", "NoDistrict", 7)


async def test_the_radius_of_transit_follows_the_configuration(geo_stage: GeoStage) -> None:
    await geo_stage.load("s", stops(("Near", "Red", 55.751, 37.65), ("Far", "Red", 55.76, 37.65)))
    await geo_stage.changed(*INSIDE)
    (located,) = await geo_stage.located()
    assert [stop["name"] for stop in located["transit"]] == ["Near", "Far"]
    await geo_stage.declare(MOSCOW, NEW_YORK, radius=500)
    (located,) = await geo_stage.located()
    assert [stop["name"] for stop in located["transit"]] == ["Near"]


async def test_a_space_that_moves_while_its_old_city_is_placed_anew_is_left_alone(geo_stage: GeoStage) -> None:
    await geo_stage.load("d", districts(square("Here", 37.6, 55.7)))
    space = await geo_stage.changed(*INSIDE)
    await geo_stage.events()
    database = geo_stage.geo.database
    async with database.transaction() as mover:
        # The position is in New York, not committed; then Moscow is placed anew and has to wait for this row.
        await store.upsert_position(mover, space_at(40.7, -74.0, city="new-york", revision=2, space_id=space))
        (moved,) = await store.locate(mover, ["new-york"], 1500, spaces=[space], always=True)
        loading = asyncio.create_task(geo_stage.load("d", districts(square("There", 37.6, 55.7))))
        waiting = "datname = current_database() AND wait_event_type = 'Lock'"

        async def blocked() -> bool:
            return bool(await geo_stage.sql(f"SELECT 1 FROM pg_stat_activity WHERE {waiting}"))

        await eventually_async(blocked, "the load waits for the row")
    answer = await loading
    assert answer["relocated"] == 0
    (row,) = await geo_stage.sql("SELECT city, located->'city'->>'slug' AS located, revision FROM positions")
    assert (row.city, row.located, row.revision) == ("new-york", "new-york", moved.revision)
