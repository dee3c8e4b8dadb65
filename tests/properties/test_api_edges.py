"""What no generator of valid HTTP sends: each is refused with a problem, by each service on both its ports."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mesto.common.errors import ProblemBody
from support.servers.platform import Platform, PlatformFactory

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
PORTS = [(service, side) for service in SERVICES for side in ("public", "internal")]
BODIES: dict[str, bytes] = {
    "half": b'{"a": ',
    "no UTF-8": b'{"email": "\xff\xfe"}',
    "U+0000": b'{"email": "a\\u0000@example.org", "password": "\\u0000", "resource_id": "\\u0000"}',
    "half of a pair": b'{"email": "\\ud800", "password": "\\udfff"}',
    "a huge number": b'{"seats": ' + b"9" * 4000 + b', "generation": 9223372036854775808}',
    "not a number": b'{"seats": NaN, "generation": Infinity, "email": -Infinity}',
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "deep objects": b'{"spec":' * 4000 + b"1" + b"}" * 4000,
    "unknown": b'{"no_such_field": 1}',
    "nothing": b"",
    "null": b"null",
}
QUERIES = [
    "no_such_parameter=1",
    "limit=1&limit=2",
    "limit=%00",
    "limit=%FF",
    "limit=" + "9" * 400,
    "lat=NaN&lon=inf",
    "&&=&=1",
]


@pytest.fixture(scope="module")
def there(new_platform: PlatformFactory) -> Platform:
    return new_platform(*SERVICES, tasks=False)


def base(platform: Platform, service: str, side: str) -> str:
    return platform.internal_url(service) if side == "internal" else platform.url(service)


def prefix(service: str, side: str) -> str:
    return "/internal" if side == "internal" else f"/api/{service}"


def is_problem(status: int, headers: dict[str, str], body: bytes) -> ProblemBody:
    assert 400 <= status < 500, f"{status} {body[:300]!r}"
    assert headers["content-type"] == "application/problem+json"
    problem = ProblemBody.model_validate_json(body)
    assert problem.status == status
    assert problem.request_id == headers["x-request-id"] != ""
    return problem


def operations(platform: Platform, service: str, side: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    address = f"{base(platform, service, side)}{prefix(service, side)}/openapi.json"
    for path, methods in httpx.get(address).json()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.replace("{", "").replace("}", ""), operation


def authorization(
    platform: Platform, service: str, method: str, path: str, operation: dict[str, Any]
) -> dict[str, str]:
    """Of a caller who may: what comes after the check of the token is what is asked here."""
    (needed,) = operation.get("security") or [{}]
    if not needed.get("callerToken"):
        return {}
    client = platform.internal_client(service, needed["callerToken"][0])
    request = client.build_request(method, path)
    assert client.auth is not None
    return dict(next(client.auth.sync_auth_flow(request)).headers)


@pytest.mark.parametrize(("service", "side"), PORTS)
def test_bodies_and_queries_that_nobody_should_send_are_problems(there: Platform, service: str, side: str) -> None:
    with httpx.Client(base_url=base(there, service, side), timeout=60, trust_env=False) as client:
        for method, path, operation in operations(there, service, side):
            token = authorization(there, service, method, path, operation)
            headers = {"Idempotency-Key": "k" * 8} | {k: v for k, v in token.items() if k == "authorization"}
            bodies = BODIES if "requestBody" in operation else {}
            for body in bodies.values():
                for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
                    answer = client.request(method, path, content=body, headers=headers | {"Content-Type": kind})
                    is_problem(answer.status_code, dict(answer.headers), answer.content)
            for query in QUERIES:
                answer = client.request(method, f"{path}?{query}", headers=headers)
                is_problem(answer.status_code, dict(answer.headers), answer.content)


@pytest.mark.parametrize(("service", "side"), PORTS)
def test_unknown_paths_and_methods_are_problems(there: Platform, service: str, side: str) -> None:
    start = prefix(service, side)
    with httpx.Client(base_url=base(there, service, side), timeout=60, trust_env=False) as client:
        for path in (f"{start}/nothing", "/", f"{start}/", "/%00", "/%FF", f"{start}/../x", f"{start}/" + "a" * 5000):
            answer = client.get(path)
            assert is_problem(answer.status_code, dict(answer.headers), answer.content).status == 404
        documented: dict[str, set[str]] = {}
        for method, path, _ in operations(there, service, side):
            documented.setdefault(path, set()).add(method)
        for path, methods in documented.items():
            answer = client.request("TRACE", path)
            assert is_problem(answer.status_code, dict(answer.headers), answer.content).status in (404, 405)
            if answer.status_code == 405:
                assert methods <= set(answer.headers["allow"].split(", ")), path


def raw(address: str, request: bytes) -> tuple[int, dict[str, str], bytes]:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


CHUNKED = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(("service", "side"), PORTS)
def test_what_is_too_large_or_no_http_is_refused_at_the_socket(there: Platform, service: str, side: str) -> None:
    address, start = base(there, service, side), prefix(service, side).encode()
    line = b"GET " + start + b"/x HTTP/1.1\r\nHost: x\r\n"
    cases = {
        400: [b"NO HTTP\r\n\r\n", line + b"Content-Length: x\r\n\r\n", line + b"A: \x00\r\n\r\n"],
        431: [
            line + b"X-Large: " + b"a" * 70_000 + b"\r\n\r\n",
            line + b"A: b\r\n" * 12_000 + b"\r\n",
            b"GET " + start + b"?q=" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            line + b"X-Endless: " + b"a" * 400_000,
        ],
        413: [line + b"Content-Length: 999999999999\r\n\r\n"],
    }
    for status, requests in cases.items():
        for request in requests:
            assert is_problem(*raw(address, request)).status == status, request[:60]


def test_a_body_without_a_length_is_read_up_to_the_limit_only(there: Platform) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for path in (b"/api/auth/login", b"/api/auth/register"):
        problem = is_problem(*raw(there.url("auth"), CHUNKED % path + chunk + b"1\r\n \r\n0\r\n\r\n"))
        assert (problem.status, problem.type.rpartition("/")[2]) == (413, "too-large")
    small = CHUNKED % b"/api/auth/login" + b"2\r\n{}\r\n0\r\n\r\n"
    assert is_problem(*raw(there.url("auth"), small)).status == 422


def test_an_unknown_field_is_named(there: Platform) -> None:
    body = {"email": "a@example.org", "password": "x", "forget": True}
    answer = httpx.post(
        f"{there.url('auth')}/api/auth/login", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    problem = is_problem(answer.status_code, dict(answer.headers), answer.content)
    assert [error.field for error in problem.errors] == ["forget"]
    answer = httpx.get(f"{there.url('geo')}/api/geo/cities", params={"page": 1})
    problem = is_problem(answer.status_code, dict(answer.headers), answer.content)
    assert [error.field for error in problem.errors] == ["page"]
