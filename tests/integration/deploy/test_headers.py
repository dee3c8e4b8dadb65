"""Every route of every public API, asked through the real gateway: what its answers tell browsers and proxies.

The applications have nothing behind them, so most answers are refusals; a few are not, and the rest of the manners of
an answer that is for one person are those of ``mesto.common.http.request_middleware``.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from mesto.common.errors import ProblemBody, unauthorized
from mesto.common.http.limits import Http
from mesto.common.identity.tokens import Principal
from mestolocal.gateway import Gateway
from mestolocal.ports import SERVICES, free_ports
from support.servers.gateway import started

SOMEBODY = Principal(uuid4(), uuid4(), "renter@example.org", True, frozenset({"renter"}), time.time())


class _Verifier:
    async def principal(self, token: str) -> Principal:
        if token != "known":
            raise unauthorized("The access token is not valid. Sign in again.")
        return SOMEBODY


def application(service: str) -> Any:
    """The public API of a service, as its process makes it."""
    app = importlib.import_module(f"mesto.{service}.app").openapi_apps()["public"]
    app.state.user_verifier = _Verifier()
    return app


@contextlib.contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(app, port=port, lifespan="off", http=Http, log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield
    server.should_exit = True
    thread.join(60)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    ports = free_ports()
    with contextlib.ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(serving(application(service), ports[f"{service}-public"]))
        yield stack.enter_context(started(None, ports))


def routes(service: str) -> Iterator[tuple[str, str]]:
    """(method, path with its parameters filled in) of everything that the OpenAPI knows."""
    for template, operations in application(service).openapi()["paths"].items():
        for method, operation in operations.items():
            path = template
            for parameter in operation.get("parameters", []):
                numeric = parameter["schema"].get("type") == "integer"
                path = path.replace(f"{{{parameter['name']}}}", "1" if numeric else str(uuid4()))
            yield method, path


def check_manners(answer: httpx.Response, told: str) -> None:
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff", told
    assert headers["x-frame-options"] == "DENY", told
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin", told
    assert headers["cross-origin-opener-policy"] == "same-origin", told
    assert "frame-ancestors 'none'" in headers["content-security-policy"], told
    assert headers["x-request-id"], told
    assert headers["server"] == "nginx", told  # without its version
    assert "x-powered-by" not in headers, told
    assert "strict-transport-security" not in headers, told  # over plain HTTP it means nothing
    for name in set(headers) - {"set-cookie", "vary"}:
        assert len(headers.get_list(name)) == 1, f"{told}: {name} twice"
    if answer.status_code >= 400:
        assert headers["content-type"].startswith("application/problem+json"), told
        assert headers["cache-control"] == "no-store", told
        ProblemBody.model_validate(answer.json())
    if answer.status_code == 401:
        assert headers["www-authenticate"].startswith("Bearer"), told


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_has_the_manners_of_the_gateway(gateway: Gateway, service: str) -> None:
    with httpx.Client(base_url=gateway.url, timeout=60) as http:
        for method, path in [*routes(service), ("get", f"/api/{service}/nothing"), ("get", f"/api/{service}")]:
            for token in (None, "forged", "known"):
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                answer = http.request(method, path, headers=headers, json={} if method != "get" else None)
                check_manners(answer, f"{method} {path} with {token} answered {answer.status_code}")


def test_what_is_answered_to_one_person_is_not_kept(gateway: Gateway) -> None:
    """The document of an API is the one answer that needs nothing behind it."""
    document = gateway.url + "/api/booking/openapi.json"
    assert "cache-control" not in httpx.get(document).headers
    assert httpx.get(document, headers={"Authorization": "Bearer known"}).headers["cache-control"] == "no-store"
    assert httpx.get(document, headers={"Cookie": "mesto_refresh=1"}).headers["cache-control"] == "no-store"
    assert "default-src 'none'" in httpx.get(document).headers["content-security-policy"]
