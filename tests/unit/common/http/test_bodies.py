"""Bodies are read as JSON Schema means them."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
from mesto.common import errors
from mesto.common.http.api import Api, Router
from mesto.contracts.fields import Count, Number
from pydantic import BaseModel, Field


class Wanted(BaseModel):
    seats: Annotated[Count, Field(ge=0, le=100)] = 0
    latitude: Annotated[Number, Field(ge=-90, le=90)] = 0.5


def api() -> Api:
    router = Router()

    @router.post("/wanted")
    async def wanted(body: Wanted) -> Wanted:
        return body

    made = Api()
    errors.install(made)
    made.include_router(router)
    return made


async def post_body(body: str | bytes) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api()), base_url="http://mesto.test") as client:
        return await client.post("/wanted", content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"seats": 42}', {"seats": 42, "latitude": 0.5}),
        ('{"seats": 42.0}', {"seats": 42, "latitude": 0.5}),
        ('{"seats": 4.2e1, "latitude": 55.0}', {"seats": 42, "latitude": 55.0}),
        ('{"seats": -0.0}', {"seats": 0, "latitude": 0.5}),
    ],
)
async def test_a_number_without_a_fraction_is_an_integer(body: str, answer: dict[str, Any]) -> None:
    assert (await post_body(body)).json() == answer


@pytest.mark.parametrize(
    "number", ["42.5", "true", '"42"', "1e300", "1e400", "-1.0", "101.0", "NaN", "9007199254740993.0"]
)
async def test_nothing_else_is(number: str) -> None:
    assert (await post_body(f'{{"seats": {number}}}')).status_code == 422


async def test_what_is_no_json_is_refused() -> None:
    for body in (b'{"seats": ', b"\xff\xfe\xfd", b"[" * 100_000):
        answer = await post_body(body)
        assert 400 <= answer.status_code < 500, body[:10]
