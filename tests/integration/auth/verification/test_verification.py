"""Proving that an address is one's own, and how often accounts and links may be asked for."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx
import pytest
from mesto.auth.links.service import PastLinks
from support.servers.auth import Stage, bearer


async def verify(auth: Stage, token: str) -> httpx.Response:
    return await auth.http.post("/api/auth/verify", json={"token": token})


async def resend(auth: Stage, email: str = "anna@example.org") -> None:
    answer = await auth.http.post("/api/auth/verify/resend", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"null"), email


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_a_link_verifies_the_address_once_without_a_session(auth: Stage) -> None:
    await auth.register()
    (token,) = await auth.tokens()
    kept = await auth.sql("SELECT hash FROM auth.verifications")
    assert kept == [(hashlib.sha256(token.encode()).digest(),)]
    answers = await asyncio.gather(*(verify(auth, token) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410]
    assert {slug(answer) for answer in answers if answer.status_code == 410} == {"link-used"}
    told = await auth.events("user.changed")
    assert [(event["revision"], event["email_verified"]) for event in told] == [(1, False), (2, True)]
    me = await auth.http.get("/api/auth/me", headers=bearer(await auth.login()))
    assert me.json()["email_verified"] is True


async def test_links_that_do_not_work_say_why(auth: Stage) -> None:
    await auth.register()
    (token,) = await auth.tokens()
    unknown = await verify(auth, "nonsense")
    assert (unknown.status_code, slug(unknown)) == (404, "link-unknown")
    await auth.sql("UPDATE auth.accounts SET email = 'other@example.org'")
    assert slug(await verify(auth, token)) == "link-expired"
    await auth.sql("UPDATE auth.accounts SET email = 'Anna@example.org'")
    await auth.sql("UPDATE auth.verifications SET expires_at = now()")
    late = await verify(auth, token)
    assert (late.status_code, slug(late)) == (410, "link-expired")
    await PastLinks(auth.database).prune()
    assert slug(await verify(auth, token)) == "link-expired"
    await auth.sql("UPDATE auth.verifications SET expires_at = now() - interval '8 days'")
    await PastLinks(auth.database).prune()
    assert slug(await verify(auth, token)) == "link-unknown"


async def test_a_link_is_sent_again_and_the_first_that_is_opened_counts(auth: Stage) -> None:
    await auth.register()
    await resend(auth, " ANNA@example.org")
    first, second = await auth.tokens()
    assert (await verify(auth, second)).status_code == 204
    assert slug(await verify(auth, first)) == "link-used"
    for email in ("anna@example.org", "nobody@example.org", "nonsense", ""):
        await resend(auth, email)
    assert len(await auth.tokens()) == 2


async def test_links_are_sent_again_five_times_an_hour_to_an_address(auth: Stage) -> None:
    await auth.register()
    await auth.register(email="bob@example.org")
    await asyncio.gather(*(resend(auth) for _ in range(10)))
    await resend(auth, "bob@example.org")
    assert len(await auth.tokens()) == 2 + 5 + 1
    await auth.sql("UPDATE auth.rate_entries SET expires_at = expires_at - interval '1 hour'")
    await resend(auth)
    assert len(await auth.tokens()) == 2 + 5 + 1 + 1


async def test_a_network_is_sent_as_many_links_and_makes_as_many_accounts_as_the_policy_says(auth: Stage) -> None:
    auth.policy(registrations_per_hour=3, verification_mails_per_hour=2)
    answers = await asyncio.gather(*(auth.register(email=f"a{number}@example.org") for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert slug(refused) == "too-many-registrations"
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    made = [answer.json()["email"] for answer in answers if answer.status_code == 201]
    for email in made:
        await resend(auth, email)
    assert len(await auth.tokens()) == 3 + 2
    elsewhere = httpx.ASGITransport(auth.http._transport.app, client=("203.0.113.7", 1))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://mesto.test") as other:
        body = {"email": "c@example.org", "password": "korrekt-Pferd-7-batterie", "name": "C", "role": "renter"}
        assert (await other.post("/api/auth/register", json=body)).status_code == 201
    await auth.sql("UPDATE auth.rate_entries SET expires_at = expires_at - interval '1 hour'")
    assert (await auth.register(email="late@example.org")).status_code == 201


@pytest.mark.parametrize("password", ["korrekt-Pferd-7-batterie", "something else"])
async def test_where_the_policy_says_so_an_address_is_verified_before_the_first_login(
    auth: Stage, password: str
) -> None:
    await auth.register()
    auth.policy(require_verified_email=True)
    expected: dict[str, Any] = {
        "korrekt-Pferd-7-batterie": (403, "email-unverified"),
        "something else": (401, "wrong-credentials"),
    }
    refused = await auth.login(password=password)
    assert (refused.status_code, slug(refused)) == expected[password]
    assert not await auth.sql("SELECT 1 FROM auth.sessions")
    (token,) = await auth.tokens()
    assert (await verify(auth, token)).status_code == 204
    assert (await auth.login()).status_code == 200


async def test_a_common_password_is_refused_at_its_field_with_what_to_do(auth: Stage) -> None:
    for changes in (
        {"password": "qwerty123456"},
        {"password": "йцукен12345"},
        {"password": "Sergeevna-1990", "name": "Sergeevna"},
    ):
        refused = await auth.register(**changes)
        assert (refused.status_code, slug(refused)) == (422, "weak-password")
        [error] = refused.json()["errors"]
        assert error["field"] == "password"
        assert "Take four words" in error["message"]
