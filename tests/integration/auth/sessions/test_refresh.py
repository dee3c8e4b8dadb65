"""Tokens of a session one after the other: one successor each, answered again for a while, theft noticed."""

from __future__ import annotations

import asyncio

import httpx
from support.servers.auth import Stage, bearer

PASSED = "UPDATE auth.refresh_tokens SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL"


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"mesto_refresh={token}"}


async def signed_in(auth: Stage) -> str:
    """Register and sign in; return the refresh token, which the client forgets."""
    await auth.register()
    await auth.login()
    return forget_cookie(auth)


def forget_cookie(auth: Stage) -> str:
    token = str(auth.http.cookies["mesto_refresh"])
    auth.http.cookies.clear()
    return token


def session_cookie(answer: httpx.Response) -> str:
    """The cookie of the session, as it is set: one of the device stands beside it."""
    (set_cookie,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith("mesto_refresh=")]
    return set_cookie.lower()


async def refresh(auth: Stage, token: str) -> httpx.Response:
    answer = await auth.http.post("/api/auth/refresh", headers=cookie(token))
    auth.http.cookies.clear()
    return answer


async def test_an_old_token_ends_the_session(auth: Stage) -> None:
    first = await signed_in(auth)
    renewed = await refresh(auth, first)
    assert renewed.status_code == 200
    second = str(renewed.cookies["mesto_refresh"])
    assert second != first
    await auth.sql(PASSED)
    for token in (first, second):
        assert (await refresh(auth, token)).status_code == 401
    assert await auth.sql("SELECT ended_because FROM auth.sessions") == [("refresh token reused",)]


async def test_a_lost_answer_is_given_again_and_a_token_has_one_successor(auth: Stage) -> None:
    first = await signed_in(auth)
    second, again = [str((await refresh(auth, first)).cookies["mesto_refresh"]) for _ in range(2)]
    assert second == again
    third = str((await refresh(auth, second)).cookies["mesto_refresh"])
    # Whoever comes with an older one within the grace is brought to where the others are.
    assert [str((await refresh(auth, token)).cookies["mesto_refresh"]) for token in (first, second)] == [third, third]
    assert len(await auth.sql("SELECT 1 FROM auth.refresh_tokens")) == 3


async def test_of_a_thousand_refreshes_at_once_one_family_is_left_and_nobody_is_signed_out(auth: Stage) -> None:
    first = await signed_in(auth)
    answers = await asyncio.gather(*(auth.http.post("/api/auth/refresh", headers=cookie(first)) for _ in range(1000)))
    auth.http.cookies.clear()
    assert {answer.status_code for answer in answers} == {200}
    followers = {str(answer.cookies["mesto_refresh"]) for answer in answers}
    assert len(followers) == 1
    assert len(await auth.sql("SELECT 1 FROM auth.refresh_tokens WHERE used_at IS NULL")) == 1
    assert (await refresh(auth, followers.pop())).status_code == 200


async def test_thief_and_victim_do_not_both_go_on(auth: Stage) -> None:
    """A thief inside the grace gets what the victim got; the first of them to come late gives both away."""
    stolen = await signed_in(auth)
    victims = str((await refresh(auth, stolen)).cookies["mesto_refresh"])
    thiefs = str((await refresh(auth, stolen)).cookies["mesto_refresh"])
    assert (await refresh(auth, victims)).status_code == 200
    await auth.sql(PASSED)
    assert (await refresh(auth, thiefs)).status_code == 401
    assert await auth.sql("SELECT ended_because FROM auth.sessions") == [("refresh token reused",)]


async def test_a_token_used_by_the_release_before_is_followed_by_one_successor(auth: Stage) -> None:
    """It kept nothing to derive the successor with, and another one may be on its way."""
    first = await signed_in(auth)
    await auth.sql("UPDATE auth.refresh_tokens SET used_at = now()")
    second, again = [str((await refresh(auth, first)).cookies["mesto_refresh"]) for _ in range(2)]
    assert second == again


async def test_a_session_lives_on_from_its_last_use(auth: Stage) -> None:
    first = await signed_in(auth)
    await auth.sql("UPDATE auth.sessions SET expires_at = now() + interval '1 minute'")
    assert (await refresh(auth, first)).status_code == 200
    assert await auth.sql("SELECT 1 FROM auth.sessions WHERE expires_at > now() + interval '29 days'")


async def test_who_is_not_remembered_has_a_short_session_and_a_cookie_until_the_browser_is_closed(auth: Stage) -> None:
    await auth.register()
    body = {"email": "anna@example.org", "password": "korrekt-Pferd-7-batterie", "remember": False}
    answer = await auth.http.post("/api/auth/login", json=body)
    assert "max-age" not in session_cookie(answer)
    assert await auth.sql("SELECT 1 FROM auth.sessions WHERE expires_at < now() + interval '12 hours 1 minute'")
    renewed = await refresh(auth, forget_cookie(auth))
    assert "max-age" not in session_cookie(renewed)
    auth.policy(short_session_hours=1)
    await refresh(auth, str(renewed.cookies["mesto_refresh"]))
    assert await auth.sql("SELECT 1 FROM auth.sessions WHERE expires_at < now() + interval '61 minutes'")


async def test_a_refresh_waits_for_a_change_of_roles_and_tells_it(auth: Stage) -> None:
    """No token that is issued meanwhile says what was true before, and is taken as one of after."""
    first = await signed_in(auth)
    async with auth.database.transaction() as connection:
        account = await auth.auth.accounts.find_by_email(connection, "anna@example.org", lock=True)
        assert account is not None
        waiting = asyncio.create_task(auth.http.post("/api/auth/refresh", headers=cookie(first)))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        await connection.exec_driver_sql("UPDATE auth.accounts SET roles = ARRAY['renter', 'owner']")
        await auth.auth.withdrawals.withdraw(connection, [account.id])
    token = (await waiting).json()["access_token"]
    await auth.auth.withdrawals.read()
    me = await auth.http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (me.status_code, me.json()["roles"]) == (200, ["renter", "owner"])


async def test_after_logout_the_cookie_and_the_token_are_worth_nothing(auth: Stage) -> None:
    await auth.register()
    token = bearer(await auth.login())
    old = str(auth.http.cookies["mesto_refresh"])
    assert (await auth.http.get("/api/auth/me", headers=token)).status_code == 200
    assert (await auth.http.post("/api/auth/logout")).status_code == 204
    await auth.auth.withdrawals.read()
    assert (await auth.http.get("/api/auth/me", headers=token)).status_code == 401
    auth.http.cookies.clear()
    assert (await refresh(auth, old)).status_code == 401
    assert (await auth.http.post("/api/auth/logout")).status_code == 204
