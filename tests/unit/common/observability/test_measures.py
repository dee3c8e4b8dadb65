"""What requests leave in /metrics: templates and a bounded set of methods, never what a client wrote."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter
from mesto.common.http.internal_client import InternalClient
from mesto.common.observability import request_context
from mesto.common.server import create_app
from prometheus_client import REGISTRY

router = APIRouter()


@router.get("/things/{thing}")
async def thing(thing: str) -> str:
    return thing


def requests(**labels: str) -> float:
    value = REGISTRY.get_sample_value("mesto_http_requests_total", {"service": "measured", **labels})
    return value or 0.0


async def test_a_route_is_counted_by_its_template_and_all_else_is_one() -> None:
    app = create_app("measured", [router], title="t", public=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        for name in ("one", "two"):
            await client.get(f"/api/measured/things/{name}")
        for number in range(3):
            await client.get(f"/nowhere/{number}")
        await client.request("FROBNICATE", "/nowhere")
        given = await client.get("/nowhere", headers={"X-Request-Id": "mine-12345678"})
        made = await client.get("/nowhere", headers={"X-Request-Id": "no dots. or spaces"})
    assert requests(method="GET", route="/api/measured/things/{thing}", status="200") == 2
    assert requests(method="GET", route="unmatched", status="404") == 5
    assert requests(method="other", route="unmatched", status="404") == 1
    assert given.headers["X-Request-Id"] == "mine-12345678"
    assert len(made.headers["X-Request-Id"]) == 32
    assert REGISTRY.get_sample_value("mesto_http_requests_in_flight", {"service": "measured"}) == 0


async def test_an_internal_call_takes_the_request_id_along(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers.get("X-Request-Id"))
        return httpx.Response(204)

    client = InternalClient.__new__(InternalClient)
    client.receiver = "catalog"
    client._client = httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://t")
    token = request_context.request_id.set("mine-12345678")
    try:
        await client.call("GET", "/internal/x")
    finally:
        request_context.request_id.reset(token)
        await client.close()
    assert heard == ["mine-12345678"]
