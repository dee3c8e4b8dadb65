"""What people change of their own account."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from support.servers.auth import PASSWORD, Stage, bearer, problem

NEW = "Vier-Woerter-ohne-Sinn-9"


async def signed_in(auth: Stage, **changes: Any) -> dict[str, str]:
    await auth.register(**changes)
    return bearer(await auth.login(changes.get("email", "anna@example.org")))


async def edit(auth: Stage, headers: dict[str, str], **changes: Any) -> httpx.Response:
    return await auth.http.patch("/api/auth/me", json=changes, headers=headers)


async def change(auth: Stage, headers: dict[str, str], current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await auth.http.post("/api/auth/password", json={"current": current, "new": new}, headers=headers)


async def test_name_phone_and_language_are_changed_and_told(auth: Stage) -> None:
    anna = await signed_in(auth)
    edited = await edit(auth, anna, name=" Анна Сергеевна ", phone="+7 916 123-45-67", locale="ru")
    assert edited.status_code == 200
    assert [edited.json()[name] for name in ("name", "phone", "locale")] == ["Анна Сергеевна", "+79161234567", "ru"]
    assert edited.json()["pending_email"] is None
    removed = await edit(auth, anna, phone=None)
    assert (removed.json()["phone"], removed.json()["name"]) == (None, "Анна Сергеевна")
    assert (await auth.http.get("/api/auth/me", headers=anna)).json() == removed.json()
    told = await auth.events("user.changed")
    assert [(event["revision"], event["name"], event["phone"], event["locale"]) for event in told[1:]] == [
        (2, "Анна Сергеевна", "+79161234567", "ru"),
        (3, "Анна Сергеевна", None, "ru"),
    ]
    kinds = [entry.kind for entry in await auth.auth.security_log.latest(None, None, 10)]
    assert kinds.count("phone_changed") == 2


async def test_what_stays_as_it_is_is_not_told(auth: Stage) -> None:
    anna = await signed_in(auth)
    same = {"name": "Анна", "phone": "+74951234567", "locale": "en"}
    for changes in ({}, same, {"name": None, "locale": None}):
        assert (await edit(auth, anna, **changes)).status_code == 200
    assert [event["revision"] for event in await auth.events("user.changed")] == [1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Win http://prize.example"}, "name"),
        ({"phone": "916 123-45-67"}, "phone"),
        ({"locale": "de"}, "locale"),
        ({"roles": ["admin"]}, "roles"),
        ({"email": "new@example.org"}, "email"),
        ({"email_verified": True}, "email_verified"),
    ],
)
async def test_what_will_not_do_is_refused_at_its_field(auth: Stage, changes: dict[str, Any], field: str) -> None:
    anna = await signed_in(auth)
    refused = await edit(auth, anna, **changes)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert [event["revision"] for event in await auth.events("user.changed")] == [1]


async def test_a_changed_password_ends_all_other_sessions_and_is_told(auth: Stage) -> None:
    await auth.register()
    other = (await auth.login()).cookies["mesto_refresh"]
    mine = await auth.login()
    await auth.http.post("/api/auth/recover", json={"email": "anna@example.org"})
    (link,) = await auth.tokens("user.recovery_requested")
    assert (await change(auth, bearer(mine))).status_code == 204
    ended = await auth.http.post("/api/auth/refresh", headers={"Cookie": f"mesto_refresh={other}"})
    assert ended.status_code == 401
    cookie = f"mesto_refresh={mine.cookies['mesto_refresh']}"
    assert (await auth.http.post("/api/auth/refresh", headers={"Cookie": cookie})).status_code == 200
    assert (await auth.login()).status_code == 401
    assert (await auth.login(password=NEW)).status_code == 200
    [notice] = await auth.events("user.security_notice")
    assert notice["notice"] == "password_changed"
    confirmed = await auth.http.post("/api/auth/recover/confirm", json={"token": link, "password": PASSWORD})
    assert problem(confirmed) == (410, "link-used"), "whoever asked for it before must not set another one"
    entries = await auth.auth.security_log.latest(None, None, 10)
    assert "password_changed" in [entry.kind for entry in entries]


async def test_a_wrong_current_password_and_a_weak_new_one_are_refused_at_their_fields(auth: Stage) -> None:
    anna = await signed_in(auth, name="Sergeevna")
    wrong = await change(auth, anna, "something else")
    assert problem(wrong) == (422, "wrong-password")
    assert [error["field"] for error in wrong.json()["errors"]] == ["current"]
    for weak in ("short", "Sergeevna-1990"):
        refused = await change(auth, anna, new=weak)
        assert problem(refused) == (422, "weak-password")
        assert [error["field"] for error in refused.json()["errors"]] == ["new"]
    assert (await auth.http.post("/api/auth/password", json={"current": PASSWORD, "new": NEW})).status_code == 401
    assert (await auth.login()).status_code == 200
    assert not await auth.events("user.security_notice")


async def test_a_session_tries_ten_passwords_and_keeps_no_other_one_out(auth: Stage) -> None:
    thief = await signed_in(auth)
    holder = bearer(await auth.login())
    answers = await asyncio.gather(*(change(auth, thief, f"guess number {number}") for number in range(14)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 4
    refused = await change(auth, thief)
    assert problem(refused) == (429, "too-many-attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    assert (await change(auth, holder)).status_code == 204


async def test_of_two_changes_at_once_one_counts(auth: Stage) -> None:
    await auth.register()
    sessions = [bearer(await auth.login()) for _ in range(2)]
    passwords = (NEW, f"{NEW}-anders")
    pairs = zip(sessions, passwords, strict=True)
    answers = await asyncio.gather(*(change(auth, session, new=password) for session, password in pairs))
    assert sorted(answer.status_code for answer in answers) in ([204, 401], [204, 422])
    works = [(await auth.login(password=password)).status_code == 200 for password in passwords]
    assert works == [answer.status_code == 204 for answer in answers]
