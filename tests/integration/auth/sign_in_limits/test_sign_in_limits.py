"""Guessing passwords is limited, and nobody can lock out somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
from mesto.common.errors import Problem
from support.servers.auth import PASSWORD, Stage

ANNA, WRONG = "anna@example.org", "something else"
Guess = Callable[..., Coroutine[Any, Any, httpx.Response]]


async def guess(browser: httpx.AsyncClient, email: str = ANNA, password: str = WRONG) -> httpx.Response:
    return await browser.post("/api/auth/login", json={"email": email, "password": password})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def statuses(browser: httpx.AsyncClient, times: int, email: str = ANNA) -> list[int]:
    """Of so many guesses at once."""
    answers = await asyncio.gather(*(guess(browser, email) for _ in range(times)))
    return sorted(answer.status_code for answer in answers)


async def counted(auth: Stage) -> int:
    return len(await auth.sql("SELECT 1 FROM auth.rate_entries WHERE expires_at > now()"))


@pytest.fixture
async def anna(auth: Stage) -> httpx.AsyncClient:
    """Her own device, on which she was signed in."""
    await auth.register()
    browser = auth.browser()
    assert (await guess(browser, password=PASSWORD)).status_code == 200
    await auth.sql("DELETE FROM auth.rate_entries")
    return browser


async def test_thirty_guesses_at_once_at_a_limit_of_ten_are_ten_checks(
    auth: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await auth.register()
    checked: list[str] = []
    check = auth.auth.passwords.check

    async def counting(encoded: str | None, password: str, network: str) -> bool:
        checked.append(password)
        return await check(encoded, password, network)

    monkeypatch.setattr(auth.auth.passwords, "check", counting)
    assert await statuses(auth.browser(), 30) == [401] * 10 + [429] * 20
    assert len(checked) == 10
    closed = await guess(auth.browser(), password=PASSWORD)
    assert (closed.status_code, slug(closed)) == (429, "too-many-attempts")
    assert 0 < int(closed.headers["retry-after"]) <= 900
    assert "15 minutes" in closed.json()["detail"]
    kinds = [entry.kind for entry in await auth.auth.security_log.latest(None, None, 100)]
    assert (kinds.count("sign_in_failed"), kinds.count("locked_out")) == (10, 1)


async def test_an_address_without_an_account_is_limited_and_answered_alike(auth: Stage) -> None:
    await auth.register()
    auth.policy(sign_in={"per_account": 2})
    told = []
    for email in (ANNA, "nobody@example.org", "no address at all"):
        answers = [await guess(auth.browser(), email) for _ in range(3)]
        told.append([(answer.status_code, slug(answer), answer.json()["detail"]) for answer in answers])
    assert [status for status, _, _ in told[0]] == [401, 401, 429]
    assert told[0] == told[1] == told[2]


async def test_all_spellings_of_an_address_count_together(auth: Stage) -> None:
    auth.policy(sign_in={"per_account": 2})
    spellings = ["vera@пример.рф", "VERA@xn--e1afmkfd.xn--p1ai", " vera@ПРИМЕР.рф"]
    answers = [await guess(auth.browser(), email) for email in spellings]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


async def test_a_network_may_not_try_one_password_at_all_accounts(auth: Stage) -> None:
    await auth.register()
    auth.policy(sign_in={"per_account": 10, "per_network": 5})
    sprayed = [await guess(auth.browser(f"203.0.113.{number}"), f"{number}@example.org") for number in range(7)]
    assert [answer.status_code for answer in sprayed] == [401] * 5 + [429] * 2
    assert (await guess(auth.browser("203.0.113.99"), password=PASSWORD)).status_code == 429
    assert (await guess(auth.browser("203.0.114.1"), password=PASSWORD)).status_code == 200


async def test_what_a_network_has_no_right_to_try_does_not_count_for_the_account(auth: Stage) -> None:
    await auth.register()
    auth.policy(sign_in={"per_account": 3, "per_network": 2})
    assert await statuses(auth.browser("203.0.113.1"), 10) == [401] * 2 + [429] * 8
    assert (await guess(auth.browser("203.0.114.1"), password=PASSWORD)).status_code == 200


async def test_a_right_password_does_not_count(auth: Stage) -> None:
    await auth.register()
    auth.policy(sign_in={"per_account": 1, "per_network": 1})
    before = await counted(auth)
    for _ in range(5):
        assert (await guess(auth.browser(), password=PASSWORD)).status_code == 200
    assert await counted(auth) == before
    auth.policy(sign_in={"per_account": 1, "per_network": 1}, require_verified_email=True)
    assert [slug(await guess(auth.browser(), password=PASSWORD)) for _ in range(3)] == ["email-unverified"] * 3


async def test_an_attempt_that_found_no_turn_does_not_count(auth: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: Any) -> bool:
        raise Problem(503, "busy", "Too many people sign in right now.")

    monkeypatch.setattr(auth.auth.passwords, "check", busy)
    assert (await guess(auth.browser())).status_code == 503
    assert await counted(auth) == 0


async def test_nobody_locks_out_who_comes_on_a_device_of_their_own(auth: Stage, anna: httpx.AsyncClient) -> None:
    auth.policy(sign_in={"per_account": 10, "per_network": 35})
    stranger = auth.browser()  # of the same network
    assert await statuses(stranger, 30) == [401] * 10 + [429] * 20
    assert await statuses(stranger, 30, "boris@example.org") == [401] * 5 + [429] * 25, "the network has no more"
    assert (await guess(auth.browser(), password=PASSWORD)).status_code == 429, "elsewhere the door is closed"
    assert (await guess(anna, password=PASSWORD)).status_code == 200
    assert (await guess(anna)).status_code == 401, "a known device opens nothing by itself"


async def test_ten_mistakes_on_a_device_of_ones_own_do_not_close_it(auth: Stage, anna: httpx.AsyncClient) -> None:
    assert await statuses(anna, 10) == [401] * 10
    assert (await guess(anna, password=PASSWORD)).status_code == 200
    assert (await guess(auth.browser(), password=PASSWORD)).status_code == 200, "nor any other"


async def test_a_stolen_device_guesses_not_for_ever_and_closes_no_other(auth: Stage, anna: httpx.AsyncClient) -> None:
    auth.policy(sign_in={"per_account": 2})
    tablet = auth.browser()
    assert (await guess(tablet, password=PASSWORD)).status_code == 200
    assert await statuses(anna, 15) == [401] * 10 + [429] * 5
    assert (await guess(anna, password=PASSWORD)).status_code == 429
    for browser in (tablet, auth.browser()):
        assert (await guess(browser, password=PASSWORD)).status_code == 200


async def test_a_device_is_known_to_the_accounts_that_were_signed_in_on_it(
    auth: Stage, anna: httpx.AsyncClient
) -> None:
    auth.policy(sign_in={"per_account": 1})
    boris = "boris@example.org"
    await auth.register(email=boris)
    assert (await guess(anna, boris)).status_code == 401
    assert (await guess(anna, boris, PASSWORD)).status_code == 429, "it is not known to him yet"
    await auth.sql("DELETE FROM auth.rate_entries")
    assert (await guess(anna, boris, PASSWORD)).status_code == 200
    for email in (ANNA, boris):
        await statuses(auth.browser(), 2, email)
        assert (await guess(auth.browser(), email, PASSWORD)).status_code == 429
        assert (await guess(anna, email, PASSWORD)).status_code == 200


async def test_a_cookie_that_was_planted_makes_no_known_device(auth: Stage, anna: httpx.AsyncClient) -> None:
    auth.policy(sign_in={"per_account": 1})
    await auth.register(email="mallory@example.org")
    mallory = auth.browser()
    await guess(mallory, "mallory@example.org", PASSWORD)
    planted = mallory.cookies["mesto_device"]
    anna.cookies.clear()
    anna.cookies.set("mesto_device", planted, domain="mesto.test", path="/api/auth")
    assert (await guess(anna, password=PASSWORD)).status_code == 200
    assert anna.cookies["mesto_device"] != planted
    assert await statuses(mallory, 5) == [401] + [429] * 4


@pytest.mark.parametrize("secure", [False, True])
async def test_the_cookie_of_a_device_is_seen_by_auth_alone(auth: Stage, secure: bool) -> None:
    await auth.register()
    auth.http._transport.app.state.secure_cookies = secure  # type: ignore[attr-defined]
    answer = await auth.login()
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if "mesto_device" in value]
    assert cookie.startswith("__Secure-mesto_device=") is secure
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/api/auth", "max-age=31536000"} <= parts
    assert ("secure" in parts) is secure
    kept = await auth.sql("SELECT hash FROM auth.known_devices")
    assert cookie.split("=", 1)[1].split(";")[0].encode() not in kept[0].hash


async def test_a_device_that_is_kept_has_one_token_and_goes_when_unused_for_a_year(
    auth: Stage, anna: httpx.AsyncClient
) -> None:
    token = anna.cookies["mesto_device"]
    assert (await guess(anna, password=PASSWORD)).status_code == 200
    assert anna.cookies["mesto_device"] == token
    await guess(auth.browser(), password=PASSWORD)
    await auth.sql("UPDATE auth.known_devices SET used_at = used_at - interval '364 days'")
    assert await auth.auth.known_devices.prune() == 0
    await guess(anna, password=PASSWORD)
    await auth.sql("UPDATE auth.known_devices SET used_at = used_at - interval '2 days'")
    assert await auth.auth.known_devices.prune() == 1
    assert len(await auth.sql("SELECT 1 FROM auth.known_devices")) == 1


async def test_who_recovers_an_account_has_its_only_known_device(auth: Stage, anna: httpx.AsyncClient) -> None:
    auth.policy(sign_in={"per_account": 1})
    thief, new = auth.browser(), "another-Pferd-8-batterie"
    assert (await guess(thief, password=PASSWORD)).status_code == 200
    await auth.http.post("/api/auth/recover", json={"email": ANNA})
    (asked,) = await auth.events("user.recovery_requested")
    confirmed = await anna.post("/api/auth/recover/confirm", json={"token": asked["token"], "password": new})
    assert confirmed.status_code == 204, confirmed.text
    assert await statuses(thief, 5) == [401] + [429] * 4
    assert (await guess(anna, password=new)).status_code == 200
    assert len(await auth.sql("SELECT 1 FROM auth.known_devices")) == 1
