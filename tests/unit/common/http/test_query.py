"""A query says what the address takes, once each; anything else would be ignored and make a wrong answer."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, Query
from fastapi.openapi import utils
from mesto.common import errors
from mesto.common.http.api import Api, Router
from pydantic import BaseModel


class Filters(BaseModel):
    seats: int = 0
    tags: list[str] = []


async def page(after: str = "") -> str:
    return after


def api() -> Api:
    router, inner = Router(), Router(prefix="/offers")

    @inner.get("")
    async def offers(filters: Annotated[Filters, Query()], after: Annotated[str, Depends(page)]) -> Filters:
        return filters

    @inner.post("")
    async def make() -> None:
        """Takes no parameter, unlike the same address by GET."""

    @inner.get("/hidden", include_in_schema=False)
    async def hidden() -> None:
        """What no OpenAPI shows may be asked anything."""

    made = Api()
    errors.install(made)
    router.include_router(inner)
    made.include_router(router, prefix="/api")
    return made


@pytest.mark.parametrize(
    ("method", "address", "status", "messages"),
    [
        ("GET", "/api/offers?seats=2&tags=a&tags=b&after=x", 200, []),
        ("GET", "/api/offers?seats=2&seats=3", 422, ["seats is given more than once."]),
        ("GET", "/api/offers?after=x&after=y", 422, ["after is given more than once."]),
        (
            "GET",
            "/api/offers?seat=2",
            422,
            ["seat is not a parameter of this address. It takes seats, tags, after."],
        ),
        ("POST", "/api/offers?seats=2", 422, ["seats is not a parameter of this address. It takes none."]),
        ("GET", "/api/offers/hidden?seats=2", 200, []),
        ("DELETE", "/api/offers?seats=2", 405, []),
    ],
)
async def test_a_parameter_that_is_not_declared_or_comes_twice_is_refused(
    method: str, address: str, status: int, messages: list[str]
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api()), base_url="http://mesto.test") as client:
        answer = await client.request(method, address)
    assert answer.status_code == status
    assert [error["message"] for error in (answer.json() or {}).get("errors", [])] == messages
    if status == 405:
        assert answer.headers["Allow"] == "GET, POST"


async def test_the_whole_document_is_made_for_who_asks_for_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    described: list[str] = []
    describe = utils.get_openapi_path

    def note(**given: Any) -> Any:
        described.append(given["route"].path_format)
        return describe(**given)

    monkeypatch.setattr(utils, "get_openapi_path", note)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api()), base_url="http://mesto.test") as client:
        for _ in range(3):
            assert (await client.get("/api/offers?seats=2")).status_code == 200
        assert (await client.delete("/api/offers")).status_code == 405
    assert described == ["/api/offers"]
