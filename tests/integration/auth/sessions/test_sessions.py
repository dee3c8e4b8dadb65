"""Registration, sign-in and sessions over HTTP, on a real database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mesto.auth.sessions.service import PastSessions
from support.servers.auth import PASSWORD, Stage, bearer


async def test_who_registers_can_sign_in_and_see_themselves(auth: Stage) -> None:
    made = await auth.register()
    assert made.status_code == 201, made.text
    assert "password" not in made.text
    signed_in = await auth.login()
    assert signed_in.json()["token_type"] == "bearer"
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    me = (await auth.http.get("/api/auth/me", headers=bearer(signed_in))).json()
    assert (me["email"], me["phone"], me["role"], me["email_verified"]) == (
        "Anna@example.org",
        "+74951234567",
        "renter",
        False,
    )


async def test_an_address_has_one_account_even_when_two_register_at_once(auth: Stage) -> None:
    answers = await asyncio.gather(*(auth.register(email=email) for email in ["a@example.org", "A@EXAMPLE.org"] * 3))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert len(await auth.sql("SELECT 1 FROM auth.accounts")) == 1
    assert len(await auth.sql("SELECT 1 FROM auth.outbox WHERE type = 'user.changed'")) == 1


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("vera@xn--e1afmkfd.xn--p1ai", "Vera@xn--E1AFMKFD.xn--p1ai"),
        ("vera@xn--e1afmkfd.xn--p1ai", "vera@ПРИМЕР.рф"),
        ("İrem@example.org", "i\N{COMBINING DOT ABOVE}rem@EXAMPLE.org"),
        ("ΑΓΓΕΛΟΣ@example.org", " άγγελος@example.org".replace("ά", "α")),
    ],
)
async def test_an_address_signs_in_however_it_is_spelt(auth: Stage, registered: str, typed: str) -> None:
    assert (await auth.register(email=registered)).status_code == 201
    for spelling in (registered, typed):
        assert (await auth.login(spelling)).status_code == 200, spelling
        assert (await auth.register(email=spelling)).status_code == 409, spelling
    granted = await auth.tools.post("/internal/accounts/grant", json={"email": typed, "role": "moderator"})
    assert granted.json()["roles"] == ["renter", "moderator"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "anna"}, "email"),
        ({"email": "Win a prize <anna@example.org>"}, "email"),
        ({"password": "short"}, "password"),
        ({"phone": "12"}, "phone"),
        ({"name": "  "}, "name"),
        ({"name": "Win a prize http://prize.example click"}, "name"),
        ({"role": "moderator"}, "role"),
        ({"admin": True}, "admin"),
        ({"name": "x" * 101}, "name"),
    ],
)
async def test_wrong_registrations_name_the_field(auth: Stage, changes: dict[str, Any], field: str) -> None:
    answer = await auth.register(**changes)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(auth: Stage) -> None:
    await auth.register()
    wrong, unknown = await auth.login(password="something else"), await auth.login(email="bob@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]


async def test_ten_wrong_passwords_close_the_door_for_a_while(auth: Stage) -> None:
    await auth.register()
    for _ in range(10):
        assert (await auth.login(password="something else")).status_code == 401
    closed = await auth.login()
    assert closed.status_code == 429
    assert int(closed.headers["retry-after"]) > 0
    await auth.sql("UPDATE auth.rate_entries SET expires_at = expires_at - interval '15 minutes'")
    assert (await auth.login()).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_another_sites_page_cannot_refresh(auth: Stage, headers: dict[str, str]) -> None:
    await auth.register()
    await auth.login()
    assert (await auth.http.post("/api/auth/refresh", headers=headers)).status_code == 403


async def test_granting_a_role_is_told_once_and_reaches_the_next_token(auth: Stage) -> None:
    await auth.register()
    for _ in range(2):
        answer = await auth.tools.post(
            "/internal/accounts/grant", json={"email": "anna@example.org", "role": "moderator"}
        )
        assert answer.json()["roles"] == ["renter", "moderator"]
    assert [event["revision"] for event in await auth.events("user.changed")] == [1, 2]
    unknown = await auth.tools.post("/internal/accounts/grant", json={"email": "no@example.org", "role": "moderator"})
    assert unknown.status_code == 404


async def test_ensuring_an_account_twice_changes_nothing(auth: Stage) -> None:
    body = {"email": "demo@example.org", "password": PASSWORD, "name": "Demo", "role": "owner", "verified": True}
    ids = {(await auth.tools.post("/internal/accounts", json=body)).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert len(await auth.sql("SELECT 1 FROM auth.outbox")) == 1
    assert (await auth.login("demo@example.org")).status_code == 200


async def test_ensuring_an_account_takes_nobody_elses(auth: Stage) -> None:
    await auth.register()
    theirs = {"email": "ANNA@example.org", "password": f"other-{PASSWORD}", "name": "X", "role": "admin"}
    refused = await auth.tools.post("/internal/accounts", json=theirs)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "account-differs")
    own = {"email": "anna@example.org", "password": PASSWORD, "name": "X", "role": "renter"}
    assert (await auth.tools.post("/internal/accounts", json=own)).json()["email_verified"] is False
    completed = await auth.tools.post("/internal/accounts", json=own | {"role": "owner", "verified": True})
    assert (completed.json()["roles"], completed.json()["email_verified"]) == (["renter", "owner"], True)
    assert (await auth.tools.post("/internal/accounts", json=own)).json()["name"] == "Анна"
    assert len(await auth.events("user.changed")) == 2
    assert (await auth.login()).status_code == 200
    replaced = await auth.tools.post("/internal/accounts", json=theirs | {"replace": True})
    assert (replaced.status_code, replaced.json()["roles"]) == (200, ["admin"])
    assert (await auth.login(password=theirs["password"])).status_code == 200


async def test_people_cannot_use_the_tools_api(auth: Stage) -> None:
    await auth.register()
    token = bearer(await auth.login())
    answer = await auth.tools.post(
        "/internal/accounts/grant", json={"email": "anna@example.org", "role": "admin"}, auth=None, headers=token
    )
    assert answer.status_code == 401


async def test_sessions_that_were_over_long_ago_go_with_their_tokens(auth: Stage) -> None:
    await auth.register()
    for _ in range(4):
        await auth.login()
    for age, column in ((31, "ended_at"), (29, "ended_at"), (31, "expires_at")):
        untouched = "SELECT id FROM auth.sessions WHERE ended_at IS NULL AND expires_at > now() LIMIT 1"
        await auth.sql(f"UPDATE auth.sessions SET {column} = now() - interval '{age} days' WHERE id IN ({untouched})")
    past = PastSessions(auth.database)
    assert await past.prune() == 2
    assert [len(await auth.sql(f"SELECT 1 FROM auth.{table}")) for table in ("sessions", "refresh_tokens")] == [2, 2]
    await auth.sql(
        "INSERT INTO auth.login_failures (subject, at) VALUES ('x', now() - interval '2 days'), ('y', now())"
    )
    assert await past.prune_attempts() == 1
