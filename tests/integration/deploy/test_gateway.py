"""The gateway's routing, with real nginx before a stand-in for the services."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mesto.common.errors import ProblemBody
from mestolocal.gateway import Gateway, Limits
from mestolocal.paths import tool
from mestolocal.ports import SERVICES, free_ports
from support.servers.gateway import build, echoing, started
from support.waiting import eventually


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    ports = free_ports()
    dist = build(tmp_path_factory.mktemp("dist"), "1")
    with (
        echoing(ports["catalog-public"]),
        echoing(ports["notifications-public"]),
        started(dist, ports, limits=Limits.wide()) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def narrow() -> Iterator[Gateway]:
    """A gateway behind a proxy that speaks TLS, with limits that a test can reach."""
    ports = free_ports()
    limits = Limits(register=2, login=1000, holds=2, requests=1000, connections=2)
    with (
        echoing(ports["auth-public"]),
        echoing(ports["booking-public"]),
        started(None, ports, limits=limits, trusted=["127.0.0.1"], tls=True) as made,
    ):
        yield made


@pytest.mark.parametrize(
    "path",
    [
        *("/internal/spaces/1", "/internal", "/api/unknown/x", "//internal/x", "/api/x/../../internal/y", "/api"),
        *(f"/api/{service}" for service in SERVICES),  # nginx would send the browser to another address by itself
        "/api/notifications/socket.io",
    ],
)
def test_internal_and_unknown_apis_are_not_there(gateway: Gateway, path: str) -> None:
    answer = httpx.get(gateway.url + path)
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404


def test_a_service_that_is_away_is_a_problem_not_a_page(gateway: Gateway) -> None:
    answer = httpx.get(gateway.url + "/api/booking/bookings")
    assert answer.status_code == 503
    assert answer.json()["type"] == "https://mesto.dev/problems/temporarily-unavailable"


def raw(gateway: Gateway, request: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and the decoded body of what no HTTP client would send."""
    with socket.create_connection(("127.0.0.1", gateway.ports["gateway"]), timeout=60) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())


LINE = b"GET /api/catalog/spaces HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NO HTTP AT ALL\r\n\r\n", 400),
        (b"GET /api/catalog/spaces HTTP/1.1\r\n\r\n", 400),
        (LINE + b"Content-Length: many\r\n\r\n", 400),
        (b"TRACE /api/catalog/spaces HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (LINE + b"Content-Length: 524289\r\n\r\n", 413),
        (b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
        (b"GET /api/catalog/spaces?q=" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (LINE + b"Accept-Language: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /api/booking/bookings HTTP/1.1\r\nHost: x\r\n\r\n", 503),
        (b"GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (b"GET /api/catalog/spaces HTTP/2.5\r\nHost: x\r\n\r\n", 505),
    ],
)
def test_what_nginx_refuses_itself_is_a_problem_with_the_request_id(
    gateway: Gateway, request_: bytes, status: int
) -> None:
    answered, headers, body = raw(gateway, request_)
    problem = ProblemBody.model_validate(body)
    assert answered == problem.status == status
    assert headers["content-type"].partition(";")[0] == "application/problem+json"
    assert problem.request_id == headers["x-request-id"] != ""
    assert headers.get("retry-after") == ("2" if status == 503 else None)


def test_public_paths_reach_their_service_with_the_callers_address_and_request_id(gateway: Gateway) -> None:
    headers = {"X-Request-Id": "abcdef-123456", "X-Forwarded-For": "6.6.6.6"}
    answer = httpx.get(gateway.url + "/api/catalog/spaces?q=%D0%BA", headers=headers)
    seen = answer.json()
    assert seen["path"] == "/api/catalog/spaces?q=%D0%BA"
    assert seen["headers"]["X-Request-Id"] == answer.headers["x-request-id"] == "abcdef-123456"
    assert seen["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert answer.headers["content-encoding"] == "gzip"


def test_a_hostile_request_id_is_replaced(gateway: Gateway) -> None:
    answer = httpx.get(gateway.url + "/api/catalog/spaces", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert answer.json()["headers"]["X-Request-Id"] == answer.headers["x-request-id"]
    assert "<" not in answer.headers["x-request-id"]


def test_only_the_sockets_address_passes_an_upgrade_on_and_only_to_a_websocket(gateway: Gateway) -> None:
    def seen(path: str, upgrade: str) -> tuple[str | None, str | None]:
        headers = {"Connection": "Upgrade", "Upgrade": upgrade}
        found = httpx.get(gateway.url + path, headers=headers).json()["headers"]
        return found.get("Upgrade"), found.get("Connection")

    assert seen("/api/notifications/socket.io/?EIO=4", "websocket") == ("websocket", "upgrade")
    assert seen("/api/notifications/socket.io/?EIO=4", "h2c")[0] is None
    assert seen("/api/notifications/inbox", "websocket")[0] is None
    assert seen("/api/catalog/spaces", "h2c")[0] is None


def test_only_the_catalog_takes_more_than_64_kib(gateway: Gateway) -> None:
    taken = httpx.post(gateway.url + "/api/catalog/spaces", content=b"x" * 500_000)
    assert taken.status_code == 200
    refused = httpx.post(gateway.url + "/api/catalog/spaces", content=b"x" * 530_000)
    assert (refused.status_code, "512 KiB" in refused.json()["detail"]) == (413, True)
    refused = httpx.post(gateway.url + "/api/notifications/inbox", content=iter([b"x" * 40_000] * 2))
    assert (refused.status_code, "64 KiB" in refused.json()["detail"]) == (413, True)


def test_what_a_person_opens_is_answered_by_a_page_in_both_languages(gateway: Gateway) -> None:
    answer = httpx.post(gateway.url + "/spaces/loft", content=b"x" * 70_000)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert 'lang="ru">Запрос слишком большой.' in answer.text
    assert 'lang="en">The request is larger than the 64 KiB allowed.' in answer.text


def posted(gateway: Gateway, path: str, client: str) -> httpx.Response:
    """The answer to a POST that a proxy before the gateway passes on for ``client``."""
    return httpx.post(gateway.url + path, headers={"X-Forwarded-For": client})


def test_one_network_registers_and_holds_so_often_and_no_more(narrow: Gateway) -> None:
    for path in ("/api/auth/register", "/api/booking/bookings"):
        answers = [posted(narrow, path, f"2001:db8:0:7::{last}") for last in range(1, 6)]  # one /64
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        problem = ProblemBody.model_validate(answers[-1].json())
        assert problem.type.endswith("/too-many-requests")
        assert int(answers[-1].headers["retry-after"]) > 0
        assert posted(narrow, path, "2001:db8:0:8::1").status_code == 200
        assert posted(narrow, path, "203.0.113.5").status_code == 200
    assert posted(narrow, "/api/auth/login", "2001:db8:0:7::1").status_code == 200
    assert httpx.get(narrow.url + "/api/booking/bookings").status_code == 200


def test_an_address_that_a_client_wrote_itself_is_not_believed(narrow: Gateway) -> None:
    """The proxy before the gateway appends whom it saw; what stands before that is the client's own."""
    seen = posted(narrow, "/api/auth/me", "6.6.6.6, 203.0.113.77").json()["headers"]
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("203.0.113.77", "https")
    answers = [posted(narrow, "/api/auth/register", f"6.6.6.{last}, 203.0.113.77") for last in range(4)]
    assert answers[-1].status_code == 429


def test_one_network_has_so_many_requests_at_a_time(narrow: Gateway) -> None:
    head = b"POST /api/auth/me HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.200\r\nContent-Length: 9\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(2):  # their bodies do not come
            stack.enter_context(socket.create_connection(("127.0.0.1", narrow.ports["gateway"]))).sendall(head)
        assert eventually(lambda: posted(narrow, "/api/auth/me", "203.0.113.200").status_code == 429, "the limit")
        assert posted(narrow, "/api/auth/me", "203.0.113.201").status_code == 200


def test_only_behind_tls_a_browser_is_told_to_stay_there(gateway: Gateway, narrow: Gateway) -> None:
    assert "strict-transport-security" not in httpx.get(gateway.url).headers
    assert httpx.get(narrow.url).headers["strict-transport-security"] == "max-age=31536000"


def test_pages_fall_back_to_the_app_and_missing_assets_do_not(gateway: Gateway) -> None:
    page = httpx.get(gateway.url + "/spaces/some-place")
    assert page.status_code == 200
    assert "<title>Mesto</title>" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    asset = httpx.get(gateway.url + "/assets/app-1.js")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    again = httpx.get(gateway.url + "/assets/app-1.js", headers={"If-None-Match": asset.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, asset.headers["cache-control"])
    gone = httpx.get(gateway.url + "/assets/gone.js")
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
    assert gone.headers["content-type"].startswith("text/html")


def test_a_page_of_the_release_before_still_finds_its_files(tmp_path: Path) -> None:
    ports = free_ports()
    with started(build(tmp_path, "1"), ports) as made:
        for release in ("2", "3"):
            made.dist = build(tmp_path, release)
            made.prepare()
        reload = ["nginx", "-p", str(made.folder), "-e", "stderr", "-c", str(made.config), "-s", "reload"]
        subprocess.run([tool(reload[0]), *reload[1:]], check=True, capture_output=True, timeout=60)

        def cached(release: str) -> tuple[int, str]:
            answer = httpx.get(f"{made.url}/assets/app-{release}.js")
            return answer.status_code, answer.headers["cache-control"]

        kept = "public, max-age=31536000, immutable"
        releases = {"3": (200, kept), "2": (200, kept), "1": (404, "no-store")}
        # While nginx takes its new files, one of its processes may still answer from those before.
        eventually(lambda: {name: cached(name) for name in releases} == releases, "the last two releases")
