"""Addresses that the platform's policy refuses."""

from __future__ import annotations

import pytest
from disposable_email_domains import blocklist
from support.servers.auth import Stage, bearer, problem

THROWN_AWAY = min(blocklist)


@pytest.mark.parametrize(
    "email",
    [f"a@{THROWN_AWAY}", f"a@Mail.{THROWN_AWAY}", "a@rivals.example", "a@mail.rivals.example", "a@почта.Соперник.рф"],
)
async def test_they_are_neither_registered_nor_changed_to(auth: Stage, email: str) -> None:
    assert (await auth.register()).status_code == 201
    anna = bearer(await auth.login())
    auth.policy(disposable_email="Refuse", refused_email_domains=["Rivals.example", "соперник.рф"])
    change = await auth.http.post("/api/auth/me/email", json={"email": email}, headers=anna)
    for refused in (change, await auth.register(email=email)):
        assert problem(refused) == (422, "email-refused")
        assert [error["field"] for error in refused.json()["errors"]] == ["email"]
        assert email.partition("@")[2] not in refused.text
    assert (await auth.http.get("/api/auth/me", headers=anna)).json()["pending_email"] is None
    assert (await auth.register(email="boris@notrivals.example")).status_code == 201


async def test_nothing_is_refused_unless_the_policy_says_so(auth: Stage) -> None:
    assert (await auth.register(email=f"a@{THROWN_AWAY}")).status_code == 201
    auth.policy(disposable_email="Refuse")
    assert (await auth.login(f"a@{THROWN_AWAY}")).status_code == 200, "who is there goes on"
    assert (await auth.register(email="a@rivals.example")).status_code == 201
