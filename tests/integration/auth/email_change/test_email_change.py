"""Another address for an account: proven by who reads its mails, told to the former one, taken back by it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from support.servers.auth import PASSWORD, Stage, bearer, problem

NEW = "Vier-Woerter-ohne-Sinn-9"
ASKED = "user.email_change_requested"


async def verified(auth: Stage, email: str = "anna@example.org") -> dict[str, str]:
    """An account with a verified address, signed in."""
    await auth.register(email=email)
    token = (await auth.tokens())[-1]
    assert (await auth.http.post("/api/auth/verify", json={"token": token})).status_code == 204
    return bearer(await auth.login(email))


async def signed_in(auth: Stage, email: str) -> dict[str, str]:
    return bearer(await auth.login(email))


async def ask(auth: Stage, headers: dict[str, str], email: str = "new@example.org") -> None:
    answer = await auth.http.post("/api/auth/me/email", json={"email": email}, headers=headers)
    assert (answer.status_code, answer.content) == (202, b"null"), answer.text


async def confirm(auth: Stage, token: str) -> httpx.Response:
    return await auth.http.post("/api/auth/me/email/confirm", json={"token": token})


async def undo(auth: Stage, token: str) -> httpx.Response:
    return await auth.http.post("/api/auth/me/email/undo", json={"token": token})


async def me(auth: Stage, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = (await auth.http.get("/api/auth/me", headers=headers)).json()
    return answer


async def notices(auth: Stage, name: str) -> list[dict[str, Any]]:
    return [event for event in await auth.events("user.security_notice") if event["notice"] == name]


async def changed(auth: Stage, headers: dict[str, str], email: str) -> str:
    """Change the address; return the token that takes it back."""
    await ask(auth, headers, email)
    assert (await confirm(auth, (await auth.tokens(ASKED))[-1])).status_code == 204
    return str((await notices(auth, "email_changed"))[-1]["token"])


async def test_the_new_address_confirms_and_the_former_one_is_told(auth: Stage) -> None:
    anna = await verified(auth)
    await ask(auth, anna, "Neu@Beispiel.example")
    waiting = await me(auth, anna)
    assert (waiting["email"], waiting["pending_email"]) == ("anna@example.org", "Neu@beispiel.example")
    [asked] = await auth.events(ASKED)
    assert (asked["user_id"], asked["email"]) == (waiting["id"], "Neu@beispiel.example")
    assert (await confirm(auth, asked["token"])).status_code == 204
    now = await me(auth, await signed_in(auth, "neu@beispiel.example"))
    assert (now["email"], now["email_verified"], now["pending_email"]) == ("Neu@beispiel.example", True, None)
    await auth.auth.withdrawals.read()
    assert (await auth.http.get("/api/auth/me", headers=anna)).status_code == 401, "it says the former address"
    told = (await auth.events("user.changed"))[-1]
    assert (told["email"], told["email_verified"], told["revision"]) == ("Neu@beispiel.example", True, 3)
    [notice] = await notices(auth, "email_changed")
    assert notice["to"] == "anna@example.org"
    assert notice["token"]
    assert (await auth.login("anna@example.org")).status_code == 401
    latest = [entry.kind for entry in await auth.auth.security_log.latest(None, None, 10)]
    assert {"email_change_requested", "email_changed"} <= {*latest}


async def test_an_address_that_is_taken_is_answered_like_a_free_one_and_its_holder_is_told(auth: Stage) -> None:
    boris = (await auth.register(email="boris@example.org")).json()
    anna = await verified(auth)
    await ask(auth, anna, "BORIS@example.org")
    assert (await me(auth, anna))["pending_email"] == "BORIS@example.org"
    assert not await auth.events(ASKED)
    [notice] = await notices(auth, "address_taken")
    assert (notice["user_id"], notice["to"], notice["token"]) == (boris["id"], None, None)


async def test_whoever_has_got_the_address_meanwhile_keeps_it(auth: Stage) -> None:
    anna = await verified(auth)
    await ask(auth, anna)
    (token,) = await auth.tokens(ASKED)
    await auth.register(email="NEW@example.org")
    assert problem(await confirm(auth, token)) == (409, "email-taken")
    assert (await me(auth, anna))["email"] == "anna@example.org"
    assert not await notices(auth, "email_changed")


async def test_of_two_accounts_that_confirm_one_address_at_once_one_gets_it(auth: Stage) -> None:
    people = [await verified(auth, f"{name}@example.org") for name in ("anna", "boris")]
    for person in people:
        await ask(auth, person)
    answers = await asyncio.gather(*(confirm(auth, token) for token in await auth.tokens(ASKED)))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    rows = await auth.sql("SELECT count(*) AS n FROM auth.accounts WHERE email = 'new@example.org' AND email_verified")
    assert rows[0].n == 1


async def test_a_link_works_once_and_the_last_change_that_was_asked_for_counts(auth: Stage) -> None:
    anna = await verified(auth)
    await ask(auth, anna, "first@example.org")
    await ask(auth, anna, "second@example.org")
    assert (await me(auth, anna))["pending_email"] == "second@example.org"
    first, second = await auth.tokens(ASKED)
    assert problem(await confirm(auth, first)) == (410, "link-used")
    answers = await asyncio.gather(*(confirm(auth, second) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410]
    assert len(await notices(auth, "email_changed")) == 1


async def test_a_pending_change_is_taken_back(auth: Stage) -> None:
    anna = await verified(auth)
    await ask(auth, anna)
    for _ in range(2):
        assert (await auth.http.delete("/api/auth/me/email", headers=anna)).status_code == 204
    assert (await me(auth, anna))["pending_email"] is None
    (token,) = await auth.tokens(ASKED)
    assert problem(await confirm(auth, token)) == (410, "link-used")


async def test_links_that_do_not_work_say_why(auth: Stage) -> None:
    anna = await verified(auth)
    await ask(auth, anna)
    (token,) = await auth.tokens(ASKED)
    for call in (confirm, undo):
        assert problem(await call(auth, "nonsense")) == (404, "link-unknown")
    assert problem(await undo(auth, token)) == (404, "link-unknown"), "a link has one purpose"
    await auth.sql("UPDATE auth.verifications SET expires_at = now() WHERE purpose = 'email_change'")
    assert (await me(auth, anna))["pending_email"] is None
    assert problem(await confirm(auth, token)) == (410, "link-expired")


async def test_a_password_changed_or_recovered_ends_a_pending_change(auth: Stage) -> None:
    """A thief in a session must not get the account after its holder has shut them out."""
    anna = await verified(auth)
    await ask(auth, anna, "thief@example.org")
    body = {"current": PASSWORD, "new": NEW}
    assert (await auth.http.post("/api/auth/password", json=body, headers=anna)).status_code == 204
    await ask(auth, anna, "thief2@example.org")
    await auth.http.post("/api/auth/recover", json={"email": "anna@example.org"})
    (link,) = await auth.tokens("user.recovery_requested")
    recovered = await auth.http.post("/api/auth/recover/confirm", json={"token": link, "password": PASSWORD})
    assert recovered.status_code == 204
    for token in await auth.tokens(ASKED):
        assert problem(await confirm(auth, token)) == (410, "link-used")


async def test_the_former_address_takes_the_account_back_and_whoever_is_in_it_is_out(auth: Stage) -> None:
    anna = await verified(auth)
    thief = (await auth.login()).cookies["mesto_refresh"]
    token = await changed(auth, anna, "thief@example.org")
    await ask(auth, await signed_in(auth, "thief@example.org"), "thief2@example.org")
    answers = await asyncio.gather(*(undo(auth, token) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [204, 410]
    told = (await auth.events("user.changed"))[-1]
    assert (told["email"], told["email_verified"]) == ("anna@example.org", True)
    ended = await auth.http.post("/api/auth/refresh", headers={"Cookie": f"mesto_refresh={thief}"})
    assert ended.status_code == 401
    assert (await auth.login("thief@example.org")).status_code == 401
    assert (await auth.login("anna@example.org")).status_code == 401, "the thief knows this password"
    assert problem(await confirm(auth, (await auth.tokens(ASKED))[-1])) == (410, "link-used")
    (link,) = await auth.tokens("user.recovery_requested")
    recovered = await auth.http.post("/api/auth/recover/confirm", json={"token": link, "password": NEW})
    assert recovered.status_code == 204
    assert (await auth.login("anna@example.org", NEW)).status_code == 200
    assert "email_change_undone" in [entry.kind for entry in await auth.auth.security_log.latest(None, None, 10)]


async def test_a_thief_who_recovers_the_account_by_the_new_address_does_not_end_the_link(auth: Stage) -> None:
    anna = await verified(auth)
    token = await changed(auth, anna, "thief@example.org")
    await auth.http.post("/api/auth/recover", json={"email": "thief@example.org"})
    (link,) = await auth.tokens("user.recovery_requested")
    await auth.http.post("/api/auth/recover/confirm", json={"token": link, "password": NEW})
    assert (await undo(auth, token)).status_code == 204
    assert (await auth.login("thief@example.org", NEW)).status_code == 401


async def test_of_two_changes_in_a_row_the_first_address_has_the_last_word(auth: Stage) -> None:
    anna = await verified(auth)
    first = await changed(auth, anna, "thief@example.org")
    second = await changed(auth, await signed_in(auth, "thief@example.org"), "thief2@example.org")
    assert (await undo(auth, second)).status_code == 204
    assert (await undo(auth, first)).status_code == 204
    assert (await auth.events("user.changed"))[-1]["email"] == "anna@example.org"


async def test_a_change_that_is_taken_back_takes_later_ones_with_it(auth: Stage) -> None:
    anna = await verified(auth)
    first = await changed(auth, anna, "thief@example.org")
    second = await changed(auth, await signed_in(auth, "thief@example.org"), "thief2@example.org")
    assert (await undo(auth, first)).status_code == 204
    assert problem(await undo(auth, second)) == (410, "link-used")
    assert (await auth.events("user.changed"))[-1]["email"] == "anna@example.org"


async def test_a_former_address_is_kept_for_its_account_as_long_as_it_can_be_taken_back(auth: Stage) -> None:
    """Else a thief makes another account of it, and nothing can be taken back."""
    boris = await verified(auth, "boris@example.org")
    anna = await verified(auth)
    token = await changed(auth, anna, "thief@example.org")
    assert problem(await auth.register(email="ANNA@example.org")) == (409, "email-taken")
    await ask(auth, boris, "anna@example.org")
    assert problem(await confirm(auth, (await auth.tokens(ASKED))[-1])) == (409, "email-taken")
    assert (await undo(auth, token)).status_code == 204
    anna = await back(auth)
    await changed(auth, anna, "elsewhere@example.org")
    await auth.sql("UPDATE auth.verifications SET expires_at = now() WHERE purpose = 'email_undo'")
    assert (await auth.register(email="anna@example.org")).status_code == 201


async def back(auth: Stage) -> dict[str, str]:
    """Anna after a change was undone, signed in with a new password."""
    (link,) = await auth.tokens("user.recovery_requested")
    await auth.http.post("/api/auth/recover/confirm", json={"token": link, "password": NEW})
    return bearer(await auth.login("anna@example.org", NEW))


async def test_an_account_gets_its_own_former_address_again(auth: Stage) -> None:
    anna = await verified(auth)
    await changed(auth, anna, "new@example.org")
    await changed(auth, await signed_in(auth, "new@example.org"), "anna@example.org")
    assert (await auth.events("user.changed"))[-1]["email"] == "anna@example.org"


async def test_a_former_address_that_was_never_proven_is_told_nothing(auth: Stage) -> None:
    """It may have been mistyped: a stranger who reads its mails must not get the account."""
    await auth.register(email="mistyped@example.org")
    anna = bearer(await auth.login("mistyped@example.org"))
    await ask(auth, anna)
    (token,) = await auth.tokens(ASKED)
    assert (await confirm(auth, token)).status_code == 204
    assert not await auth.events("user.security_notice")
    (verification,) = await auth.tokens()
    late = await auth.http.post("/api/auth/verify", json={"token": verification})
    assert problem(late) == (410, "link-used")


async def test_the_own_address_and_what_is_none_are_refused_at_the_field(auth: Stage) -> None:
    anna = await verified(auth)
    for email in ("ANNA@example.org", "nonsense"):
        answer = await auth.http.post("/api/auth/me/email", json={"email": email}, headers=anna)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["email"]
    assert (await auth.http.post("/api/auth/me/email", json={"email": "new@example.org"})).status_code == 401


async def test_a_change_needs_a_fresh_sign_in_and_taking_it_back_does_not(auth: Stage) -> None:
    await verified(auth)
    cookie = f"mesto_refresh={(await auth.login()).cookies['mesto_refresh']}"
    await auth.sql("UPDATE auth.sessions SET authenticated_at = now() - interval '1 hour'")
    stale = bearer(await auth.http.post("/api/auth/refresh", headers={"Cookie": cookie}))
    refused = await auth.http.post("/api/auth/me/email", json={"email": "new@example.org"}, headers=stale)
    assert problem(refused) == (403, "step-up-needed")
    assert not await auth.events(ASKED)
    assert (await auth.http.delete("/api/auth/me/email", headers=stale)).status_code == 204
    proven = await auth.http.post("/api/auth/step-up", json={"password": PASSWORD}, headers=stale)
    await ask(auth, bearer(proven))


async def test_an_account_asks_for_five_changes_an_hour_and_an_address_gets_five_mails(auth: Stage) -> None:
    people = [await verified(auth, f"{name}@example.org") for name in ("anna", "boris")]
    for person in people:
        for _ in range(4):
            await ask(auth, person, "flooded@example.org")
    assert len(await auth.events(ASKED)) == 5
    assert (await me(auth, people[1]))["pending_email"] == "flooded@example.org"
    await ask(auth, people[0], "other@example.org")
    refused = await auth.http.post("/api/auth/me/email", json={"email": "more@example.org"}, headers=people[0])
    assert problem(refused) == (429, "too-many-changes")
    assert 0 < int(refused.headers["retry-after"]) <= 3600


@pytest.mark.parametrize("hours", [1, 168])
async def test_an_undo_link_works_as_long_as_the_policy_says(auth: Stage, hours: int) -> None:
    anna = await verified(auth)
    auth.policy(email_undo_hours=hours)
    token = await changed(auth, anna, "new@example.org")
    kept = await auth.sql(
        f"SELECT abs(extract(epoch FROM expires_at - created_at) - {hours * 3600}) < 60"
        " FROM auth.verifications WHERE purpose = 'email_undo'"
    )
    assert kept == [(True,)]
    await auth.sql("UPDATE auth.verifications SET expires_at = now() WHERE purpose = 'email_undo'")
    assert problem(await undo(auth, token)) == (410, "link-expired")
