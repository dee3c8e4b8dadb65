"""Datasets that a custom resource declares: whose they are, whether anybody has touched them, okrugs around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mesto.common.identity.signing import CallerAuth
from support.servers.geo import GeoStage, districts, square, stops

UID = uuid4()
NAME = "moscow.loft-districts"


@pytest.fixture
async def operator(geo_stage: GeoStage) -> AsyncIterator[httpx.AsyncClient]:
    """Geo's internal API as the operator calls it."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(geo_stage.service.internal),
        base_url="http://geo/internal/datasets",
        auth=CallerAuth(geo_stage.service.settings, "operator", "geo"),
    ) as client:
        yield client


async def put_dataset(
    operator: httpx.AsyncClient, body: dict[str, Any], name: str = NAME, **params: Any
) -> dict[str, Any]:
    answer = await operator.put(f"/{name}", json=body, params={"owner": str(UID), "generation": 1} | params)
    assert answer.status_code == 200, answer.text
    loaded: dict[str, Any] = answer.json()
    return loaded


async def state(operator: httpx.AsyncClient, name: str = NAME) -> dict[str, Any]:
    answer = await operator.get(f"/{name}", params={"verify": True})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_declared_is_remembered(operator: httpx.AsyncClient) -> None:
    loaded = await put_dataset(operator, districts(square("A", 37.0, 55.0)), generation=3, source='"etag"')
    found = await state(operator)
    assert (found["owner"], found["generation"], found["source"]) == (str(UID), 3, '"etag"')
    assert (found["features"], found["level"], found["intact"]) == (1, "district", True)
    assert found["checksum"] == loaded["checksum"]


async def test_the_same_content_is_noted_for_a_new_generation_without_new_rows(
    geo_stage: GeoStage, operator: httpx.AsyncClient
) -> None:
    body = stops(("Park", "Red", 55.7, 37.6))
    await put_dataset(operator, body)
    before, rows = await state(operator), await geo_stage.sql("SELECT id FROM stops")
    assert (await put_dataset(operator, body, generation=2, source="b"))["unchanged"]
    after = await state(operator)
    assert (after["generation"], after["source"], after["loaded_at"]) == (2, "b", before["loaded_at"])
    assert after["checked_at"] > before["checked_at"]
    assert await geo_stage.sql("SELECT id FROM stops") == rows


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE districts SET slug = 'other' WHERE slug = 'a'",
        "UPDATE districts SET area = ST_Multi(ST_Buffer(area, 0.01))",
        "DELETE FROM districts WHERE slug = 'a'",
        "INSERT INTO districts (dataset, city, slug, name, area)"
        " SELECT dataset, city, 'c', name, area FROM districts LIMIT 1",
    ],
)
async def test_rows_that_somebody_edits_are_noticed_and_put_right(
    geo_stage: GeoStage, operator: httpx.AsyncClient, edit: str
) -> None:
    body = districts(square("A", 37.0, 55.0), square("B", 37.2, 55.0))
    await put_dataset(operator, body)
    await geo_stage.sql(edit)
    assert (await state(operator))["intact"] is False
    assert not (await put_dataset(operator, body))["unchanged"]
    assert (await state(operator))["intact"] is True


async def test_who_retains_leaves_the_rows_to_nobody(geo_stage: GeoStage, operator: httpx.AsyncClient) -> None:
    await put_dataset(operator, districts(square("A", 37.0, 55.0)))
    for _ in range(2):
        answer = await operator.delete(f"/{NAME}", params={"owner": str(UID)})
        assert answer.status_code == 204
    found = await state(operator)
    assert (found["owner"], found["generation"], found["features"]) == (None, None, 1)


async def test_who_deletes_places_the_citys_spaces_anew(geo_stage: GeoStage, operator: httpx.AsyncClient) -> None:
    await put_dataset(operator, districts(square("A", 37.0, 55.0)))
    await geo_stage.changed(55.05, 37.05)
    assert (await geo_stage.located())[-1]["district"]["slug"] == "a"
    answer = await operator.delete(f"/{NAME}", params={"owner": str(UID), "policy": "delete"})
    assert answer.status_code == 204
    assert (await geo_stage.located())[-1]["district"] is None
    assert (await operator.get(f"/{NAME}")).status_code == 404


async def test_a_dataset_of_somebody_else_stays(operator: httpx.AsyncClient) -> None:
    await put_dataset(operator, districts(square("A", 37.0, 55.0)))
    for policy in ("retain", "delete"):
        answer = await operator.delete(f"/{NAME}", params={"owner": str(uuid4()), "policy": policy})
        assert answer.status_code == 204
    assert (await state(operator))["owner"] == str(UID)


async def test_only_the_operator_asks_and_deletes(geo_stage: GeoStage) -> None:
    assert (await geo_stage.internal.get(f"/internal/datasets/{NAME}")).status_code == 403
    answer = await geo_stage.internal.delete(f"/internal/datasets/{NAME}", params={"owner": str(UID)})
    assert answer.status_code == 403


async def test_a_district_is_the_answer_where_an_okrug_is_around_it(
    geo_stage: GeoStage, operator: httpx.AsyncClient
) -> None:
    await put_dataset(operator, districts(square("Inner", 37.0, 55.0)) | {"level": "district"})
    await put_dataset(operator, districts(square("Outer", 36.9, 54.9, 0.5)) | {"level": "okrug"}, name="moscow.okrugs")
    layer = await geo_stage.get("/districts", city="moscow")
    told = {feature["properties"]["slug"]: feature["properties"] for feature in layer["features"]}
    assert (told["inner"]["level"], told["inner"]["parent"]) == ("district", "outer")
    assert (told["outer"]["level"], told["outer"]["parent"]) == ("okrug", None)
    await geo_stage.located()
    await geo_stage.changed(55.05, 37.05)
    await geo_stage.changed(55.3, 37.3)
    assert [location["district"]["slug"] for location in await geo_stage.located()] == ["inner", "outer"]


@pytest.mark.parametrize(
    "becomes", [districts(square("Far", -74.0, 40.7), city="new-york"), stops(("A", "B", 55.7, 37.6))]
)
async def test_districts_leave_an_okrug_whose_dataset_becomes_another(
    geo_stage: GeoStage, operator: httpx.AsyncClient, becomes: dict[str, Any]
) -> None:
    await put_dataset(operator, districts(square("Inner", 37.0, 55.0)))
    await put_dataset(operator, districts(square("Outer", 36.9, 54.9, 0.5)) | {"level": "okrug"}, name="moscow.okrugs")
    await put_dataset(operator, becomes, name="moscow.okrugs", generation=2)
    (inner,) = (await geo_stage.get("/districts", city="moscow"))["features"]
    assert inner["properties"]["parent"] is None
