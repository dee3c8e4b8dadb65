"""The security log: what is written into it, for how long, and what it does not tell."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.auth.client import Client
from mesto.auth.security_log.records import Entry
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs
from support.servers.auth import ANNA, Stage

OLD = "INSERT INTO auth.security_log (at, kind, address, user_agent, details, request_id, keep_until)"
AGENT = b"Browser 1.0 (\x85x)"


async def entries(auth: Stage) -> list[Entry]:
    """All of it, the first first."""
    return list(reversed(await auth.auth.security_log.latest(None, None, 100)))


async def test_what_happens_at_the_door_is_written_down_with_its_client_and_without_names(auth: Stage) -> None:
    auth.http.headers.update([(b"User-Agent", AGENT)])
    with capture_logs() as lines:
        await auth.register()
        (token,) = await auth.tokens()
        await auth.http.post("/api/auth/verify", json={"token": token})
        await auth.login(password="something else")
        await auth.login(email="nobody@example.org")
        await auth.login()
    found = await entries(auth)
    assert [entry.kind for entry in found] == [
        "registered",
        "verified",
        "sign_in_failed",
        "sign_in_failed",
        "signed_in",
    ]
    anna = found[0].person
    assert anna is not None
    assert [entry.person for entry in found] == [anna, anna, anna, None, anna]
    assert {(entry.address, entry.user_agent) for entry in found} == {("127.0.0.1", "Browser 1.0 (x)")}
    assert all(entry.request_id for entry in found)
    told = [line for line in lines if line.get("logger") == "mesto.security"]
    assert [(line["event"], line["person"]) for line in told] == [
        (entry.kind, entry.person.hex() if entry.person else None) for entry in found
    ]
    (whole,) = await auth.sql("SELECT string_agg(log::text, ' ') AS text FROM auth.security_log AS log")
    account = (await auth.sql("SELECT id FROM auth.accounts"))[0].id
    for secret in (*ANNA.values(), "anna@example.org", "nobody", "74951234567", str(account), account.hex):
        if secret != "renter":
            assert secret not in whole.text
            assert secret not in str(told)


async def test_what_the_tools_do_is_written_down(auth: Stage) -> None:
    body = {"email": "anna@example.org", "password": ANNA["password"], "name": "Anna", "role": "renter"}
    await auth.tools.post("/internal/accounts", json=body)
    for _ in range(2):
        await auth.tools.post("/internal/accounts/grant", json={"email": "anna@example.org", "role": "owner"})
        await auth.tools.post("/internal/accounts", json=body | {"verified": True})
    other = body | {"password": f"{ANNA['password']}!", "role": "moderator", "replace": True}
    await auth.tools.post("/internal/accounts", json=other)
    assert [(entry.kind, entry.details.get("role")) for entry in await entries(auth)] == [
        ("registered", None),
        ("role_granted", "owner"),
        ("verified", None),
        ("password_changed", None),
        ("role_granted", "moderator"),
        ("role_removed", "owner"),
        ("role_removed", "renter"),
    ]


async def test_an_event_is_written_down_only_with_what_it_speaks_of(auth: Stage) -> None:
    async with auth.database.transaction() as connection:
        await auth.auth.security_log.record(connection, "signed_in", None)
        await connection.rollback()
    assert await entries(auth) == []


@pytest.mark.parametrize("change", ["UPDATE auth.security_log SET kind = 'x'", "DELETE FROM auth.security_log"])
async def test_nobody_changes_the_log(auth: Stage, change: str) -> None:
    await auth.register()
    with pytest.raises(IntegrityError, match="only added to"):
        await auth.sql(change)
    assert [entry.kind for entry in await entries(auth)] == ["registered"]


async def test_entries_go_when_both_the_policy_and_their_own_have_passed(auth: Stage) -> None:
    auth.policy(security_log_days=30)
    for name, age, kept in (("old", 40, -1), ("promised", 40, 1), ("young", 20, -1)):
        values = f"now() - {age} * interval '1 day', '{name}', '', '', '{{}}', '', now() + {kept} * interval '1 day'"
        await auth.sql(f"{OLD} VALUES ({values})")
    assert await auth.auth.security_log.prune() == 1
    assert [entry.kind for entry in await entries(auth)] == ["promised", "young"]
    await auth.register()
    (row,) = await auth.sql("SELECT keep_until - at AS kept FROM auth.security_log WHERE kind = 'registered'")
    assert row.kept.days in (29, 30)  # to the second of the transaction's begin


async def test_with_the_account_its_name_in_the_log_is_lost(auth: Stage) -> None:
    await auth.register()
    (account,) = await auth.sql("SELECT id FROM auth.accounts")
    log = auth.auth.security_log
    assert [entry.kind for entry in await log.latest(account.id, None, 10)] == ["registered"]
    await auth.sql("DELETE FROM auth.accounts")
    assert await auth.sql("SELECT 1 FROM auth.security_keys") == []
    assert await log.latest(account.id, None, 10) == []
    assert len(await entries(auth)) == 1


async def test_an_act_is_found_with_whoever_did_it_and_whomever_it_was_done_to(auth: Stage) -> None:
    for email in ("anna@example.org", "boris@example.org", "vera@example.org"):
        await auth.register(email=email)
    anna, boris, vera = [row.id for row in await auth.sql("SELECT id FROM auth.accounts ORDER BY created_at")]
    log, client = auth.auth.security_log, Client("192.0.2.1", "x")
    async with auth.database.transaction() as connection:
        await log.record(connection, "suspended", anna, actor_id=boris, client=client, details={"reason": "spam"})
    found: dict[Any, list[str]] = {
        who: [entry.kind for entry in await log.latest(who, None, 10)] for who in (anna, boris, vera)
    }
    assert found == {anna: ["suspended", "registered"], boris: ["suspended", "registered"], vera: ["registered"]}
    (latest,) = await log.latest(None, None, 1)
    assert (latest.address, latest.details) == ("192.0.2.1", {"reason": "spam"})


async def test_accounts_of_the_release_before_get_a_key_when_something_happens(auth: Stage) -> None:
    await auth.register()
    await auth.sql("DELETE FROM auth.security_keys")
    await auth.login()
    await auth.login()
    latest, before, _ = await auth.auth.security_log.latest(None, None, 10)
    assert latest.person == before.person is not None
