"""The gateway's routing, with real nginx before a stand-in for the services."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from mesto.common.errors import ProblemBody
from mestolocal.gateway import Gateway
from mestolocal.ports import Ports, free_ports
from mestolocal.server import Child


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "headers": dict(self.headers.items()), "pad": "x" * 2000}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="mesto-gateway-", dir="/var/tmp"))
    folder.chmod(0o755)
    dist = tmp_path_factory.mktemp("dist")
    (dist / "index.html").write_text("<!doctype html><title>Mesto</title>")
    (dist / "assets").mkdir()
    (dist / "assets" / "app-1.js").write_text("1;" * 2000)
    ports = free_ports()
    echo = ThreadingHTTPServer(("127.0.0.1", ports["catalog-public"]), _Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    live = ThreadingHTTPServer(("127.0.0.1", ports["notifications-public"]), _Echo)
    threading.Thread(target=live.serve_forever, daemon=True).start()
    made = Gateway(folder / "gateway", Ports(dict(ports.numbers)), dist)
    made.prepare()
    child = Child(made.server(), folder).start()
    yield made
    child.stop()
    echo.shutdown()
    live.shutdown()
    import shutil

    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "path", ["/internal/spaces/1", "/internal", "/api/unknown/x", "//internal/x", "/api/x/../../internal/y"]
)
def test_internal_and_unknown_apis_are_not_there(gateway: Gateway, path: str) -> None:
    answer = httpx.get(gateway.url + path)
    assert answer.status_code == 404
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
        (LINE + b"Content-Length: 99999999\r\n\r\n", 413),
        (b"GET /api/catalog/spaces?q=" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (LINE + b"Accept-Language: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /api/booking/bookings HTTP/1.1\r\nHost: x\r\n\r\n", 503),
        (b"GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
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


def test_a_websocket_upgrade_is_passed_on(gateway: Gateway) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    seen = httpx.get(gateway.url + "/api/notifications/socket.io/?EIO=4", headers=headers).json()
    assert (seen["headers"]["Upgrade"], seen["headers"]["Connection"]) == ("websocket", "upgrade")


def test_pages_fall_back_to_the_app_and_missing_assets_do_not(gateway: Gateway) -> None:
    page = httpx.get(gateway.url + "/spaces/some-place")
    assert page.status_code == 200
    assert "<title>Mesto</title>" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    asset = httpx.get(gateway.url + "/assets/app-1.js")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert httpx.get(gateway.url + "/assets/gone.js").status_code == 404
