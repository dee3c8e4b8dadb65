"""Every route of every service, asked by everybody who must not reach it."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
from mestolocal.paths import REPO
from support.clients.people import Person, book, day_from_now, register
from support.clients.spaces import declare, space
from support.servers.platform import Platform

PUBLIC = {
    ("auth", "post", "/api/auth/register"),
    ("auth", "post", "/api/auth/login"),
    ("auth", "post", "/api/auth/verify"),  # by the token of a mailed link
    ("auth", "post", "/api/auth/verify/resend"),
    ("auth", "post", "/api/auth/me/email/confirm"),  # by the token of a mailed link
    ("auth", "post", "/api/auth/me/email/undo"),  # by the token of a mailed link
    ("auth", "post", "/api/auth/recover"),
    ("auth", "post", "/api/auth/recover/confirm"),  # by the token of a mailed link
    ("auth", "post", "/api/auth/refresh"),  # by its cookie
    ("auth", "post", "/api/auth/logout"),  # by its cookie
    ("auth", "get", "/api/auth/.well-known/jwks.json"),
    ("auth", "get", "/api/auth/texts"),  # terms and privacy: what everybody may read before registering
    ("auth", "get", "/api/auth/texts/{name}"),
    ("catalog", "get", "/api/catalog/spaces"),
    ("catalog", "get", "/api/catalog/spaces/{id_or_slug}"),
    ("catalog", "get", "/api/catalog/competitor-offers"),  # what competitors tell everybody
    ("booking", "get", "/api/booking/resources/{resource_id}/availability"),
    ("booking", "post", "/api/booking/quotes"),  # what everybody may know before signing in
    ("geo", "get", "/api/geo/cities"),
    ("geo", "get", "/api/geo/districts"),
    ("geo", "get", "/api/geo/stops"),
    ("geo", "get", "/api/geo/nearby"),
}
# What answers about oneself: another user gets an answer, but never about somebody else.
ABOUT_ONESELF = {
    ("get", "/api/auth/me"),
    ("patch", "/api/auth/me"),
    ("post", "/api/auth/me/email"),
    ("delete", "/api/auth/me/email"),
    ("post", "/api/auth/password"),
    ("post", "/api/auth/step-up"),
    ("get", "/api/auth/sessions"),
    ("delete", "/api/auth/sessions"),
    ("get", "/api/auth/me/consents"),
    ("post", "/api/auth/me/consents"),
    ("get", "/api/booking/bookings"),
    ("post", "/api/booking/bookings"),
}


@dataclass(frozen=True)
class Route:
    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def routes() -> list[Route]:
    found = []
    for service in ("auth", "catalog", "booking", "geo", "notifications"):
        document = json.loads((REPO / "frontend" / "openapi" / f"{service}.json").read_text("utf-8"))
        for path, operations in document["paths"].items():
            found += [Route(service, method, path) for method in operations]
    return found


GUARDED = [route for route in routes() if (route.service, route.method, route.path) not in PUBLIC]


def test_the_list_of_public_routes_names_only_routes_that_are_there() -> None:
    there = {(route.service, route.method, route.path) for route in routes()}
    assert there & PUBLIC
    assert len(GUARDED) >= 8


@dataclass
class Scene:
    """A booking with its payment, and everybody who wants to reach it."""

    platform: Platform
    renter: Person
    booking: dict[str, Any]
    payment_id: str
    other_renter: Person
    other_owner: Person

    @property
    def session_id(self) -> str:
        """The renter's session."""
        return str(jwt.decode(self.renter.token, options={"verify_signature": False})["sid"])

    def url(self, route: Route) -> str:
        path = route.path.replace("{booking_id}", self.booking["id"]).replace("{payment_id}", self.payment_id)
        path = path.replace("{id_or_slug}", self.booking["space_id"]).replace("{session_id}", self.session_id)
        assert "{" not in path, f"the test does not know what to put into {path}"
        return path

    def body(self, route: Route) -> dict[str, Any] | None:
        if route.method == "get":
            return None
        if route.path == "/api/auth/me/roles":
            return {"role": "owner"}
        if route.path.endswith("/payments"):
            return {"provider": "sandbox"}
        return {"outcome": "succeeded"} if "sandbox" in route.path else {}

    def send(self, route: Route, headers: dict[str, str]) -> httpx.Response:
        return httpx.request(
            route.method,
            self.platform.gateway + self.url(route),
            json=self.body(route),
            headers={"Idempotency-Key": uuid.uuid4().hex, **headers},
            timeout=15,
        )


@pytest.fixture(scope="module")
def scene(platform: Platform) -> Scene:
    namespace = platform.namespace("authorization")
    declare(platform, namespace, space("guarded-loft"))
    renter = register(platform.gateway)
    found = renter.http.get("/api/catalog/spaces/guarded-loft").json()
    resource_id = found["resources"][0]["id"]
    day = day_from_now(3)
    held = book(renter, resource_id, f"{day}T10:00:00+03:00", f"{day}T12:00:00+03:00")
    assert held.status_code == 201, held.text
    started = renter.http.post(f"/api/booking/bookings/{held.json()['id']}/payments", json={"provider": "sandbox"})
    return Scene(
        platform,
        renter,
        held.json(),
        started.json()["payment_id"],
        register(platform.gateway),
        register(platform.gateway, role="owner"),
    )


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_nobody_else_gets_in(scene: Scene, route: Route) -> None:
    anonymous = scene.send(route, {})
    assert anonymous.status_code == 401, anonymous.text
    assert anonymous.headers["content-type"] == "application/problem+json"
    for token in (expired(scene), forged(scene), "nonsense"):
        assert scene.send(route, {"Authorization": f"Bearer {token}"}).status_code == 401
    for person in (scene.other_renter, scene.other_owner):
        answer = scene.send(route, {"Authorization": f"Bearer {person.token}"})
        if (route.method, route.path) in ABOUT_ONESELF:
            assert scene.booking["id"] not in answer.text
            assert scene.renter.email not in answer.text
        else:
            assert answer.status_code in (403, 404), f"{person.email}: {answer.status_code} {answer.text}"
    untouched = scene.renter.http.get(f"/api/booking/bookings/{scene.booking['id']}").json()
    assert untouched["status"] == "held"


def expired(scene: Scene) -> str:
    claims = jwt.decode(scene.renter.token, options={"verify_signature": False})
    claims |= {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
    kid = jwt.get_unverified_header(scene.renter.token)["kid"]
    key = (scene.platform.auth_keys / f"{kid}.pem").read_bytes()
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def forged(scene: Scene) -> str:
    header, payload, signature = scene.renter.token.split(".")
    claims = jwt.decode(scene.renter.token, options={"verify_signature": False}) | {"roles": ["admin"]}
    other = jwt.encode(claims, "k" * 32, algorithm="HS256").split(".")[1]
    assert other != payload
    return f"{header}.{other}.{signature}"


INTERNAL = ["/internal/spaces/changes", "/internal/accounts", "/internal/cities", "/metrics", "/healthz", "/readyz"]


@pytest.mark.parametrize("path", INTERNAL)
def test_the_gateway_does_not_know_internal_paths(platform: Platform, path: str) -> None:
    for prefix in ("", "/api/catalog", "/api/auth", "/api/geo", "/api/booking", "/api/notifications"):
        answer = httpx.get(platform.gateway + prefix + path, timeout=15)
        is_page = answer.headers["content-type"].startswith("text/html")
        assert answer.status_code == 404 or (is_page and not path.startswith("/internal")), f"{prefix}{path}"


def test_an_internal_api_refuses_callers_without_a_token_and_people(scene: Scene) -> None:
    url = scene.platform.internal_url("catalog") + "/internal/spaces/changes"
    assert httpx.get(url, timeout=15).status_code == 401
    with_token = httpx.get(url, headers={"Authorization": f"Bearer {scene.renter.token}"}, timeout=15)
    assert with_token.status_code == 401
