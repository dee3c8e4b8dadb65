"""Where somebody is signed in: the list, ending one and all others, and proving again who one is."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from mesto.auth.sessions.providers.places import Places
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from support.servers.auth import PASSWORD, Stage, bearer

CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Safari/537.36"
)


async def sign_in(auth: Stage, user_agent: str = "") -> dict[str, str]:
    """Sign in on another device; its cookie is forgotten."""
    body = {"email": "anna@example.org", "password": PASSWORD}
    answer = await auth.http.post("/api/auth/login", json=body, headers={"User-Agent": user_agent})
    assert answer.status_code == 200, answer.text
    auth.http.cookies.clear()
    return bearer(answer)


async def listed(auth: Stage, token: dict[str, str]) -> list[dict[str, Any]]:
    answer = await auth.http.get("/api/auth/sessions", headers=token)
    assert answer.headers["cache-control"] == "no-store"
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def me(auth: Stage, token: dict[str, str]) -> int:
    await auth.auth.withdrawals.read()  # its loop does not run here
    return (await auth.http.get("/api/auth/me", headers=token)).status_code


async def test_the_list_names_each_device_and_this_one(auth: Stage) -> None:
    await auth.register()
    here, there = await sign_in(auth, CHROME), await sign_in(auth, "curl/8")
    items = await listed(auth, here)
    assert [(item["device"], item["device_kind"], item["current"], item["place"]) for item in items] == [
        ("curl", "other", False, None),
        ("Chrome, macOS", "computer", True, None),
    ]
    assert {item["id"] for item in await listed(auth, there)} == {item["id"] for item in items}


async def test_one_session_is_ended_and_then_all_others(auth: Stage) -> None:
    await auth.register()
    tokens = [await sign_in(auth) for _ in range(4)]
    first, second, *others = tokens
    ends = jwt.decode(second["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})["sid"]
    assert (await auth.http.delete(f"/api/auth/sessions/{ends}", headers=first)).status_code == 204
    assert [await me(auth, token) for token in tokens] == [200, 401, 200, 200]
    assert (await auth.http.delete(f"/api/auth/sessions/{ends}", headers=first)).status_code == 404
    assert (await auth.http.delete("/api/auth/sessions", headers=first)).status_code == 204
    assert [await me(auth, token) for token in (first, *others)] == [200, 401, 401]
    assert [item["current"] for item in await listed(auth, first)] == [True]


async def test_nobody_ends_somebody_elses_session(auth: Stage) -> None:
    await auth.register()
    anna = await sign_in(auth)
    (session,) = await listed(auth, anna)
    await auth.register(email="boris@example.org")
    boris = bearer(await auth.login("boris@example.org"))
    for session_id in (session["id"], str(uuid.uuid4())):
        assert (await auth.http.delete(f"/api/auth/sessions/{session_id}", headers=boris)).status_code == 404
    assert (await auth.http.delete("/api/auth/sessions", headers=boris)).status_code == 204
    assert await me(auth, anna) == 200


async def test_what_is_withdrawn_is_told_to_the_services_that_wait(auth: Stage) -> None:
    await auth.register()
    first, second = await sign_in(auth), await sign_in(auth)
    page = await auth.auth.withdrawals.page("", 0)
    assert page[0] == []
    assert (await auth.http.delete("/api/auth/sessions", headers=first)).status_code == 204
    await auth.auth.withdrawals.read()
    items, following = await auth.auth.withdrawals.page(page[1], 5)
    ended = jwt.decode(second["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})["sid"]
    assert [(str(item.subject), item.before) for item in items] == [(ended, None)]
    assert await auth.auth.withdrawals.page(following, 0) == ([], following)
    # A process that has just started, or asks another one than before, learns everything that still matters.
    for cursor in ("", "0123456789abcdef:7"):
        assert (await auth.auth.withdrawals.page(cursor, 0))[0] == items


async def test_a_step_up_makes_the_token_fresh(auth: Stage) -> None:
    await auth.register()
    token = await sign_in(auth)
    await auth.sql("UPDATE auth.sessions SET authenticated_at = now() - interval '1 hour'")

    async def step_up(password: str) -> httpx.Response:
        return await auth.http.post("/api/auth/step-up", json={"password": password}, headers=token)

    wrong = await step_up("something else")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    right = await step_up(PASSWORD)
    assert (right.status_code, "set-cookie" in right.headers) == (200, False)
    proven = jwt.decode(right.json()["access_token"], options={"verify_signature": False})
    assert proven["iat"] - proven["auth_time"] < 60
    assert (await auth.http.delete("/api/auth/sessions", headers=bearer(right))).status_code == 204
    for _ in range(9):
        await step_up("something else")
    assert (await step_up("something else")).status_code in (422, 429)


async def test_a_verified_address_reaches_the_next_token(auth: Stage) -> None:
    await auth.register()
    token = await sign_in(auth)
    (link,) = await auth.tokens()
    assert (await auth.http.post("/api/auth/verify", json={"token": link})).status_code == 204
    assert await me(auth, token) == 401  # it says that the address is not verified


@pytest.fixture
def places_file(tmp_path: Path) -> Path:
    """A MaxMind file of our own making."""
    writer = MMDBWriter(database_type="Test-City", languages=["en", "ru"])
    names = {"en": "Moscow", "ru": "Москва"}, {"en": "Russia", "ru": "Россия"}
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"city": {"names": names[0]}, "country": {"names": names[1]}})
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"names": {"en": "France"}}})
    file = tmp_path / "places.mmdb"
    writer.to_db_file(str(file))
    return file


def test_a_place_is_found_by_the_platforms_own_file(places_file: Path) -> None:
    places = Places(places_file)
    assert places.find("203.0.113.0/24", "ru") == "Москва, Россия"
    assert places.find("203.0.113.0/24", "en") == "Moscow, Russia"
    assert places.find("198.51.100.0/24", "ru") == "France"
    assert places.find("192.0.2.0/24", "en") is None
    assert places.find("unknown", "en") is None
    assert Places(None).find("203.0.113.0/24", "en") is None
