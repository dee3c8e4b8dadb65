"""The three routes of every process: whether it lives, whether it is ready, what it measures."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from mesto.common.observability.health import health_routes, in_threads
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.routing import Route


def client(routes: list[Route]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://process")


async def away() -> Mapping[str, str]:
    return {"apiserver": "away", "database": "ok"}


async def fine() -> Mapping[str, str]:
    return {"database": "ok"}


async def test_healthz_says_what_is_frozen_and_readyz_what_is_missing() -> None:
    frozen = ""
    async with client(health_routes(away, failure=lambda: frozen)) as process:
        statuses = [(await process.get(path)).status_code for path in ("/healthz", "/readyz")]
        assert statuses == [200, 503]
        frozen = "the watch of everything"
        answer = await process.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": frozen})


async def test_metrics_tell_which_dependency_is_missing() -> None:
    async with client(health_routes(away)) as process:
        answer = await process.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'mesto_ready{check="apiserver"} 0.0' in answer.text
    assert 'mesto_ready{check="database"} 1.0' in answer.text
    assert REGISTRY.get_sample_value("mesto_ready", {"check": "apiserver"}) == 0


async def test_who_ends_is_not_ready() -> None:
    stopping = False
    async with client(health_routes(fine, stopping=lambda: stopping)) as process:
        assert (await process.get("/readyz")).status_code == 200
        stopping = True
        answer = await process.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": {"database": "ok"}})
        assert (await process.get("/healthz")).status_code == 200


async def test_a_check_that_raises_says_why() -> None:
    def broken() -> None:
        raise ConnectionError("no broker")

    async with client(health_routes(in_threads({"broker": broken, "database": lambda: None}))) as process:
        answer = await process.get("/readyz")
    checks = {"broker": "ConnectionError('no broker')", "database": "ok"}
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": checks})
