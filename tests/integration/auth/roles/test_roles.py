"""One account rents and hosts: by its holder's wish once the address is verified, or because a space is theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mesto.auth.accounts import store
from mesto.auth.accounts.records import AccountChanges
from mesto.contracts.events import SpaceClaimed
from support.servers.auth import Stage, bearer

ADDRESS = "anna@example.org"


async def take(auth: Stage, role: str = "owner") -> httpx.Response:
    return await auth.http.post("/api/auth/me/roles", json={"role": role}, headers=bearer(await auth.login()))


async def verify(auth: Stage) -> None:
    [token] = await auth.tokens()
    assert (await auth.http.post("/api/auth/verify", json={"token": token})).status_code == 204


async def test_a_verified_renter_becomes_an_owner_once(auth: Stage) -> None:
    await auth.register()
    refused = await take(auth)
    assert (refused.status_code, str(refused.json()["type"]).rpartition("/")[2]) == (403, "email-unverified")
    await verify(auth)
    for _ in range(2):
        taken = await take(auth)
        assert (taken.status_code, taken.json()["roles"]) == (200, ["renter", "owner"])
        assert taken.json()["role"] == "renter", "that of registration"
    assert taken.json() == (await auth.http.get("/api/auth/me", headers=bearer(await auth.login()))).json()
    told = await auth.events("user.changed")
    assert [(event["revision"], event["roles"]) for event in told] == [
        (1, ["renter"]),
        (2, ["renter"]),
        (3, ["renter", "owner"]),
    ]


async def test_the_security_log_says_how_an_account_came_to_a_role(auth: Stage) -> None:
    account_id, space_id = UUID((await auth.register()).json()["id"]), uuid4()
    await auth.auth.roles.space_claimed(SpaceClaimed(space_id=space_id, owner_id=account_id))
    entries = await auth.auth.security_log.latest(account_id, None, 10)
    granted = [entry.details for entry in entries if entry.kind == "role_granted"]
    assert granted == [{"role": "owner", "method": "space_claimed", "space": str(space_id)}]


@pytest.mark.parametrize("role", ["moderator", "admin", "renter", ""])
async def test_no_other_role_is_taken(auth: Stage, role: str) -> None:
    await auth.register()
    await verify(auth)
    refused = await take(auth, role)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "role")
    assert (await auth.http.post("/api/auth/me/roles", json={"role": "owner"})).status_code == 401


async def test_whom_a_space_belongs_to_is_an_owner(auth: Stage) -> None:
    account_id = UUID((await auth.register()).json()["id"])
    for owner_id in (account_id, account_id, uuid4()):
        await auth.auth.roles.space_claimed(SpaceClaimed(space_id=uuid4(), owner_id=owner_id))
    assert [event["roles"] for event in await auth.events("user.changed")] == [["renter"], ["renter", "owner"]]


async def spans(auth: Stage) -> list[tuple[str, bool]]:
    """Addresses that the only account has verified, as auth tells it, and whether each is still."""
    [told] = await auth.auth.accounts.snapshot(None, 10, [])
    assert told.verified_addresses is not None
    since = [span.since for span in told.verified_addresses]
    assert since == sorted(since)
    return [(span.address, span.until is None) for span in told.verified_addresses]


async def test_auth_says_which_address_was_verified_when(auth: Stage) -> None:
    account_id = UUID((await auth.register(email="Anna@Пример.рф")).json()["id"])
    common = "anna@xn--e1afmkfd.xn--p1ai"
    assert await spans(auth) == []
    await verify(auth)
    assert await spans(auth) == [(common, True)]
    assert (await auth.events("user.changed"))[-1]["verified_addresses"][0]["address"] == common

    async def change(**changes: Any) -> None:
        async with auth.database.transaction() as connection:
            await store.update_account(connection, account_id, AccountChanges(**changes))

    await change(name="Another")
    assert await spans(auth) == [(common, True)]
    await change(email="b@example.org", email_key="b@example.org")
    assert await spans(auth) == [(common, False), ("b@example.org", True)]
    await change(email_verified=False)
    assert await spans(auth) == [(common, False), ("b@example.org", False)]
    await change(email_verified=True)
    assert await spans(auth) == [(common, False), ("b@example.org", False), ("b@example.org", True)]


async def test_what_the_release_before_has_verified_was_so_from_the_beginning(auth: Stage) -> None:
    account_id = (await auth.register(email=ADDRESS)).json()["id"]
    await auth.sql("UPDATE auth.accounts SET email_verified = true, revision = 2")  # it knows no spans
    [told] = await auth.auth.accounts.snapshot(None, 10, [UUID(account_id)])
    assert told.verified_addresses is not None
    [[created_at]] = await auth.sql("SELECT created_at FROM auth.accounts")
    assert [(span.address, span.since) for span in told.verified_addresses] == [(ADDRESS, created_at)]
    await auth.auth.accounts.grant(ADDRESS, "moderator")
    assert await spans(auth) == [(ADDRESS, True)]
