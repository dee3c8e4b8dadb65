"""Datasets that are refused, mended or too big; nothing of a refused one stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from mesto.common.identity.signing import CallerAuth
from mesto.geo.datasets.internal_api import BODY_BYTES
from support.servers.geo import MOSCOW, GeoStage, districts, square, stops

BOW_TIE = {"type": "Polygon", "coordinates": [[[37, 55], [38, 56], [38, 55], [37, 56], [37, 55]]]}


async def test_a_crossed_outline_is_mended(geo_stage: GeoStage) -> None:
    answer = await geo_stage.load("d", districts({"name": {"en": "Bow tie"}, "geometry": BOW_TIE}))
    assert (answer["features"], answer["repaired"]) == (1, 1)
    rows = await geo_stage.sql("SELECT ST_IsValid(area) AS valid, ST_NumGeometries(area) AS parts FROM districts")
    assert [(row.valid, row.parts) for row in rows] == [(True, 2)]


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ({"type": "Polygon", "coordinates": [[[37, 55], [38, 55], [37, 55], [37, 55]]]}, "encloses no area"),
        ({"type": "Polygon", "coordinates": [[["a", 55], [38, 55], [37, 56], [37, 55]]]}, "not rings"),
        ({"type": "Polygon", "coordinates": []}, "is empty"),
        ({"type": "Polygon", "coordinates": [[[4e6, 7e6], [4.1e6, 7e6], [4e6, 7.1e6], [4e6, 7e6]]]}, "not WGS 84"),
        ({"type": "Point", "coordinates": [37, 55]}, "write a Polygon"),
        ({}, "write a Polygon"),
    ],
)
async def test_a_geometry_beyond_repair_names_its_feature(
    geo_stage: GeoStage, geometry: dict[str, Any], said: str
) -> None:
    await geo_stage.load("d", districts(square("Old", 37.6, 55.7)))
    body = districts(square("Good", 37.0, 55.0), {"name": {"en": "Bad one"}, "geometry": geometry})
    problem = await geo_stage.load("d", body, 422)
    assert problem["type"].endswith("/invalid-dataset")
    assert problem["errors"][0]["message"].startswith("feature 2: ")
    assert said in problem["detail"]
    kept = await geo_stage.get("/districts", city="moscow")
    assert [feature["properties"]["name"] for feature in kept["features"]] == ["Old"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            stops(("Good", "Red", 55.7, 37.6), ("Turned", "Red", 37.6, 55.7)),
            "feature 2: its latitude and longitude",
        ),
        (stops(("Nowhere", "Red", 0, 0)), "feature 1: its position is 0, 0"),
        (districts(square("Good", 37.0, 55.0), square("Far", 87.0, 55.0)), "feature 2: it reaches more than 300 km"),
    ],
)
async def test_what_cannot_lie_in_its_city_is_refused(geo_stage: GeoStage, body: dict[str, Any], said: str) -> None:
    problem = await geo_stage.load("s", body, 422)
    assert said in problem["errors"][0]["message"]


async def test_a_wrong_field_names_its_feature(geo_stage: GeoStage) -> None:
    body = stops(("Good", "Red", 55.7, 37.6), ("Bad", "Red", 95.0, 37.6))
    problem = await geo_stage.load("s", body, 422)
    assert problem["errors"] == [
        {"field": "features.1.lat", "message": "feature 2: Input should be less than or equal to 90"}
    ]


async def test_an_undeclared_city_is_refused_with_those_that_are(geo_stage: GeoStage) -> None:
    problem = await geo_stage.load("d", districts(square("A", 37.0, 55.0), city="atlantis"), 422)
    assert problem["type"].endswith("/unknown-city")
    assert "moscow, new-york" in problem["detail"]


async def test_a_city_with_a_list_is_for_the_datasets_of_its_namespaces_only(geo_stage: GeoStage) -> None:
    await geo_stage.declare(MOSCOW | {"namespaces": ["moscow"]})
    body = districts(square("A", 37.0, 55.0))

    async def put_dataset(name: str, **declared: str) -> Any:
        return await geo_stage.internal.put(f"/internal/datasets/{name}", params=declared, json=body)

    refused = await put_dataset("berlin.districts", owner=str(uuid4()))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "city-not-allowed")
    assert (await put_dataset("moscow.districts", owner=str(uuid4()))).status_code == 200
    assert (await put_dataset("by-hand")).status_code == 200, "no namespace declares it"


@pytest.mark.parametrize("body", [{}, [], {"type": "rivers"}, {"type": "stops", "city": "moscow", "features": []}])
async def test_a_body_of_another_shape_is_refused(geo_stage: GeoStage, body: Any) -> None:
    assert (await geo_stage.load("d", body, 422))["status"] == 422


async def test_not_json_is_refused(geo_stage: GeoStage) -> None:
    answer = await geo_stage.internal.put("/internal/datasets/d", content=b"{")
    assert answer.status_code == 422


async def test_a_huge_body_is_refused_before_it_is_read(geo_stage: GeoStage) -> None:
    declared = await geo_stage.internal.put(
        "/internal/datasets/d", content=b"{}", headers={"Content-Length": str(BODY_BYTES + 1)}
    )
    assert declared.status_code == 413
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b" " * (1024 * 1024)

    streamed = await geo_stage.internal.put("/internal/datasets/d", content=endless())
    assert streamed.status_code == 413
    assert streamed.json()["type"].endswith("/too-large")
    assert "64 MiB" in streamed.json()["detail"]
    assert sent == 65


async def test_only_those_who_may_load(geo_stage: GeoStage, key_folders: Any) -> None:
    anonymous = await geo_stage.public.put("/internal/datasets/d", json={})
    assert anonymous.status_code == 404
    geo_stage.internal.auth = None
    assert (await geo_stage.internal.put("/internal/datasets/d", json={})).status_code == 401
    settings = geo_stage.service.settings.model_copy(update={"internal_key_dir": key_folders.all_internal_keys()})
    geo_stage.internal.auth = CallerAuth(settings, "booking", "geo")
    assert (await geo_stage.internal.put("/internal/datasets/d", json={})).status_code == 403
