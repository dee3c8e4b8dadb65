"""A forgotten password: who reads the mails of an account gets in, and whoever was in it is out."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from support.servers.auth import PASSWORD, Stage, bearer, problem

NEW = "Vier-Woerter-ohne-Sinn-9"


async def recover(auth: Stage, email: str = "anna@example.org") -> None:
    answer = await auth.http.post("/api/auth/recover", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"null"), email


async def confirm(auth: Stage, token: str, password: str = NEW) -> httpx.Response:
    return await auth.http.post("/api/auth/recover/confirm", json={"token": token, "password": password})


async def tokens(auth: Stage) -> list[str]:
    return await auth.tokens("user.recovery_requested")


async def test_a_link_sets_a_new_password_and_everybody_who_was_in_is_out(auth: Stage) -> None:
    me = (await auth.register()).json()
    thief = (await auth.login()).cookies["mesto_refresh"]
    await recover(auth, " ANNA@example.org")
    (token,) = await tokens(auth)
    assert (await confirm(auth, token)).status_code == 204
    refreshed = await auth.http.post("/api/auth/refresh", headers={"Cookie": f"mesto_refresh={thief}"})
    assert refreshed.status_code == 401
    assert problem(await auth.login()) == (401, "wrong-credentials")
    holder = await auth.http.get("/api/auth/me", headers=bearer(await auth.login(password=NEW)))
    assert holder.json()["email_verified"] is True, "whoever has opened the link reads the mails"
    [notice] = await auth.events("user.security_notice")
    assert (notice["user_id"], notice["notice"]) == (me["id"], "password_recovered")
    assert notice["to"] is notice["token"] is None
    told = await auth.events("user.changed")
    assert [(event["revision"], event["email_verified"]) for event in told] == [(1, False), (2, True)]


async def test_of_clicks_at_once_and_of_several_links_one_works(auth: Stage) -> None:
    await auth.register()
    for _ in range(3):
        await recover(auth)
    first, second, third = await tokens(auth)
    (verification,) = await auth.tokens()
    answers = await asyncio.gather(*(confirm(auth, token) for token in (first, first, second, second, third)))
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410, 410, 410]
    assert {problem(answer)[1] for answer in answers if answer.status_code == 410} == {"link-used"}
    assert len(await auth.events("user.security_notice")) == 1
    late = await auth.http.post("/api/auth/verify", json={"token": verification})
    assert problem(late) == (410, "link-used"), "what was outstanding has ended too"


@pytest.mark.parametrize("password", ["short", "qwerty123456", "Sergeevna-1990"])
async def test_a_weak_password_is_refused_at_its_field_and_the_link_goes_on_working(auth: Stage, password: str) -> None:
    await auth.register(name="Sergeevna")
    await recover(auth)
    (token,) = await tokens(auth)
    refused = await confirm(auth, token, password)
    assert problem(refused) == (422, "weak-password")
    assert [error["field"] for error in refused.json()["errors"]] == ["password"]
    assert (await auth.login()).status_code == 200
    assert (await confirm(auth, token)).status_code == 204


async def test_links_that_do_not_work_say_why(auth: Stage) -> None:
    await auth.register()
    await recover(auth)
    (token,) = await tokens(auth)
    (verification,) = await auth.tokens()
    assert problem(await confirm(auth, "nonsense")) == (404, "link-unknown")
    assert problem(await confirm(auth, verification)) == (404, "link-unknown"), "a link has one purpose"
    crossed = await auth.http.post("/api/auth/verify", json={"token": token})
    assert problem(crossed) == (404, "link-unknown")
    await auth.sql("UPDATE auth.accounts SET email = 'other@example.org'")
    assert problem(await confirm(auth, token)) == (410, "link-expired"), "it was mailed to another address"
    await auth.sql("UPDATE auth.accounts SET email = 'Anna@example.org'")
    await auth.sql("UPDATE auth.verifications SET expires_at = now()")
    assert problem(await confirm(auth, token)) == (410, "link-expired")
    assert (await auth.login()).status_code == 200


async def test_a_link_changes_its_own_account_whoever_is_signed_in(auth: Stage) -> None:
    await auth.register()
    await auth.register(email="bob@example.org")
    bob = bearer(await auth.login("bob@example.org"))
    await recover(auth)
    (token,) = await tokens(auth)
    answer = await auth.http.post("/api/auth/recover/confirm", json={"token": token, "password": NEW}, headers=bob)
    assert answer.status_code == 204
    assert (await auth.login("bob@example.org", PASSWORD)).status_code == 200
    assert (await auth.login("anna@example.org", NEW)).status_code == 200


async def test_the_answer_is_out_before_anybody_looks_for_the_account(
    auth: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it takes as long for an address that nobody has: up to it, the same is done."""
    await auth.register()
    happened: list[str] = []
    inner = auth.http._transport.app  # type: ignore[attr-defined]
    find = auth.auth.accounts.find_by_email

    async def noted_find(*given: Any, **named: Any) -> Any:
        happened.append("looked up")
        return await find(*given, **named)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def noted_send(message: Any) -> None:
            happened.append(message["type"])
            await send(message)

        await inner(scope, receive, noted_send)

    monkeypatch.setattr(auth.auth.accounts, "find_by_email", noted_find)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mesto.test") as http:
        for path in ("/api/auth/recover", "/api/auth/verify/resend"):
            for email in ("anna@example.org", "nobody@example.org"):
                happened.clear()
                assert (await http.post(path, json={"email": email})).status_code == 202
                assert happened == ["http.response.start", "http.response.body", "looked up"], (path, email)
    assert len(await tokens(auth)) == 1


async def test_an_address_is_sent_five_links_an_hour_and_a_network_what_the_policy_says(auth: Stage) -> None:
    for number in range(4):
        await auth.register(email=f"a{number}@example.org")
    await asyncio.gather(*(recover(auth, "a0@example.org") for _ in range(10)))
    assert len(await tokens(auth)) == 5
    auth.policy(verification_mails_per_hour=12)
    for number in range(1, 4):
        await recover(auth, f"a{number}@example.org")
    assert len(await tokens(auth)) == 5 + 2
    for nobody in ("nobody@example.org", "nonsense", ""):
        await recover(auth, nobody)
    await auth.sql("UPDATE auth.rate_entries SET expires_at = expires_at - interval '1 hour'")
    await recover(auth, "a3@example.org")
    assert len(await tokens(auth)) == 5 + 2 + 1


async def test_a_link_works_as_long_as_the_policy_says(auth: Stage) -> None:
    await auth.register()
    auth.policy(recovery_minutes=15)
    await recover(auth)
    kept = await auth.sql(
        "SELECT expires_at - created_at BETWEEN interval '14 min' AND interval '15 min 1 s'"
        " FROM auth.verifications WHERE purpose = 'recover'"
    )
    assert kept == [(True,)]


async def test_an_account_that_somebody_else_made_of_ones_address_is_ones_own_after_recovery(auth: Stage) -> None:
    """Whoever registers with another's address knows its password and waits inside."""
    await auth.register(email="victim@example.org")
    squatter = (await auth.login("victim@example.org")).cookies["mesto_refresh"]
    await recover(auth, "victim@example.org")
    (token,) = await tokens(auth)
    assert (await confirm(auth, token)).status_code == 204
    assert (await auth.login("victim@example.org")).status_code == 401
    refreshed = await auth.http.post("/api/auth/refresh", headers={"Cookie": f"mesto_refresh={squatter}"})
    assert refreshed.status_code == 401


async def test_the_security_log_has_who_asked_and_who_got_in(auth: Stage) -> None:
    await auth.register()
    await recover(auth)
    await recover(auth, "nobody@example.org")
    (token,) = await tokens(auth)
    await confirm(auth, token)
    latest = await auth.auth.security_log.latest(None, None, 10)
    entries = [(entry.kind, entry.person is not None) for entry in reversed(latest)]
    assert entries[-3:] == [("recovery_requested", True), ("recovery_requested", False), ("recovered", True)]
