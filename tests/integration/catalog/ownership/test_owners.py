"""Whose spaces are: accounts and resources tell their parts in any order, more than once, and at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.catalog.consistency import Accounts, Owners
from mesto.common.consistency import checks
from mesto.common.consistency.checks import Check
from mesto.common.consistency.sources import Source
from mesto.common.messaging.broker import Broker
from mesto.common.messaging.outbox import row
from mesto.contracts.events import UserChanged, UserRemoved
from mesto.contracts.policy import CatalogPolicy
from mesto.contracts.snapshots import SnapshotPage
from support.servers.catalog import Stage, account, span, spec_of
from support.waiting import eventually_async

ANNA, BORIS = UUID(int=1), UUID(int=2)
FIRST, SECOND = "a@example.org", "b@example.org"


def soon(hours: int) -> datetime:
    """A time that comes after whatever a test declares."""
    return datetime.now(UTC) + timedelta(hours=hours)


async def owner(stage: Stage, space: dict[str, Any]) -> UUID | None:
    [(owner_id,)] = await stage.sql("SELECT owner_id FROM spaces WHERE id = :id", id=space["space_id"])
    return UUID(str(owner_id)) if owner_id else None


async def name(stage: Stage, uid: UUID, generation: int, email: str | None) -> dict[str, Any]:
    """The resource names another address."""
    state: dict[str, Any] = (await stage.put(uid, generation=generation, spec=spec_of(owner_email=email)))["state"]
    return state


async def told(stage: Stage, kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in await stage.events() if event["type"] == kind]


@pytest.mark.parametrize("verified_first", [True, False], ids=["verified before", "declared before"])
async def test_a_space_finds_the_account_of_its_address(catalog_stage: Stage, verified_first: bool) -> None:
    stage, anna = catalog_stage, account(ANNA, "Anna@EXAMPLE.org")
    if verified_first:
        await stage.catalog.ownership.account_changed(anna)
    uid, state = await stage.create(owner_email="anna@example.org")
    if not verified_first:
        assert (await stage.state(uid))["owner_claimed"] is False
        unverified = account(ANNA, "Anna@EXAMPLE.org", email_verified=False, verified_addresses=[])
        await stage.catalog.ownership.account_changed(unverified)
        assert await owner(stage, state) is None
        await stage.catalog.ownership.account_changed(anna.model_copy(update={"revision": 2}))
    assert await owner(stage, state) == ANNA
    assert (await stage.state(uid))["owner_claimed"] is True
    newest = (await told(stage, "space.changed"))[-1]
    assert (newest["owner_id"], newest["owner_decided"]) == (str(ANNA), True)
    assert await told(stage, "space.claimed") == [{"space_id": state["space_id"], "owner_id": str(ANNA)}]
    revision = (await stage.state(uid))["revision"]
    for again in (anna, anna.model_copy(update={"revision": 9, "name": "Another"})):
        await stage.catalog.ownership.account_changed(again)
    assert (await name(stage, uid, 2, "ANNA@example.org"))["owner_claimed"] is True
    assert len(await told(stage, "space.claimed")) == 1
    assert (await stage.state(uid))["revision"] == revision + 1, "another spelling is another content, nobody else's"


async def test_the_first_who_verifies_the_address_has_it_in_any_order(catalog_stage: Stage) -> None:
    stage = catalog_stage
    for number, order in enumerate(itertools.permutations(range(4))):
        anna, boris = UUID(int=100 + number), UUID(int=200 + number)
        address, slug = f"k{number}@example.org", f"loft-{number}"
        hers = span(address, until=soon(1))
        spaces: list[dict[str, Any]] = []

        async def declare(slug: str = slug, address: str = address, spaces: list[Any] = spaces) -> None:
            spaces.append((await stage.create(slug, owner_email=address))[1])

        def has(event: UserChanged) -> Callable[[], Awaitable[None]]:
            return lambda: stage.catalog.ownership.account_changed(event)

        moved = account(anna, "moved@example.org", hers, span(f"m{number}@example.org", soon(1)), revision=2)
        steps = [declare, has(account(anna, address)), has(moved), has(account(boris, address, span(address, soon(2))))]
        for step in order:
            await steps[step]()
        assert await owner(stage, spaces[0]) == anna, order


async def test_a_later_holder_of_the_address_gets_nothing_of_what_was_somebodys(catalog_stage: Stage) -> None:
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    await ownership.account_changed(account(ANNA, FIRST))
    _, state = await stage.create(owner_email=FIRST)
    given_up = span(FIRST, until=datetime.now(UTC))
    await ownership.account_changed(account(ANNA, SECOND, given_up, span(SECOND), revision=2))
    await ownership.account_changed(account(BORIS, FIRST, span(FIRST, datetime.now(UTC))))
    assert await owner(stage, state) == ANNA
    _, later = await stage.create("later", owner_email=FIRST)
    assert await owner(stage, later) == BORIS, "what is named from now on means who has the address now"
    _, hers = await stage.create("hers", owner_email=SECOND)
    assert await owner(stage, hers) == ANNA, "her new address counts for what nobody has claimed"


async def test_a_resource_that_names_another_address_and_the_first_again(catalog_stage: Stage) -> None:
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    await ownership.account_changed(account(ANNA, FIRST))
    uid, state = await stage.create(owner_email=FIRST)
    await name(stage, uid, 2, SECOND)
    assert await owner(stage, state) is None
    await ownership.account_changed(account(BORIS, SECOND))
    assert await owner(stage, state) == BORIS
    await name(stage, uid, 3, FIRST)
    assert await owner(stage, state) == ANNA
    await name(stage, uid, 4, None)
    assert await owner(stage, state) is None
    assert (await stage.state(uid))["owner_claimed"] is None
    given_up = span(FIRST, until=datetime.now(UTC))
    await ownership.account_changed(account(ANNA, "c@example.org", given_up, span("c@example.org"), revision=2))
    await name(stage, uid, 5, FIRST)
    assert await owner(stage, state) is None, "who gave it up before is not meant"


async def test_what_an_account_that_is_gone_had_is_nobodys_until_it_is_named_again(catalog_stage: Stage) -> None:
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    await ownership.account_changed(account(ANNA, FIRST))
    uid, state = await stage.create(owner_email=FIRST)
    await ownership.account_removed(UserRemoved(user_id=ANNA, revision=2))
    assert await owner(stage, state) is None
    assert (await told(stage, "space.changed"))[-1]["owner_id"] is None
    assert await stage.sql("SELECT address, addresses, spans FROM accounts") == [(None, [], [])]
    await ownership.account_changed(account(ANNA, FIRST))  # comes late
    await ownership.account_changed(account(BORIS, FIRST, span(FIRST, datetime.now(UTC))))
    await name(stage, uid, 2, FIRST)
    assert await owner(stage, state) is None, "nobody inherits by an address"
    await name(stage, uid, 3, None)
    await name(stage, uid, 4, FIRST)
    assert await owner(stage, state) == BORIS


async def test_neither_misses_the_other_when_a_space_is_declared_while_its_address_is_verified(
    catalog_stage: Stage,
) -> None:
    stage = catalog_stage
    people = {f"p{number}@example.org": UUID(int=number + 1) for number in range(12)}
    work: list[Awaitable[Any]] = []
    for number, (address, user_id) in enumerate(people.items()):
        work.append(stage.create(f"loft-{number}", owner_email=address))
        work.append(stage.catalog.ownership.account_changed(account(user_id, address)))
    await asyncio.gather(*work)
    found = dict(await stage.sql("SELECT owner_key, owner_id FROM spaces"))
    assert {address: UUID(str(found[address])) for address in people} == people


async def test_whoever_declares_waits_for_who_says_whose_the_address_is(catalog_stage: Stage) -> None:
    """The account is written and its spaces are looked for; a space that comes just then must see the account."""
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    looked, go_on = asyncio.Event(), asyncio.Event()
    before = ownership.list_wrong

    async def slowly(*args: Any) -> Any:
        looked.set()
        await go_on.wait()
        return await before(*args)

    ownership.list_wrong = slowly  # type: ignore[method-assign]
    verifying = asyncio.create_task(ownership.account_changed(account(ANNA, FIRST)))
    await looked.wait()
    declaring = asyncio.create_task(stage.create(owner_email=FIRST))
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    await eventually_async(lambda: stage.sql(waits), "the declaration to wait")
    go_on.set()
    await verifying
    assert await owner(stage, (await declaring)[1]) == ANNA


async def as_the_release_before_wrote_it(stage: Stage) -> None:
    await stage.sql("UPDATE spaces SET owner_key = NULL, owner_named_at = NULL, owner_id = NULL")


class Auth:
    """Answers as auth's snapshot does."""

    def __init__(self, *people: UserChanged) -> None:
        self.people = people

    async def call(self, _method: str, _path: str, *, params: dict[str, Any]) -> Any:
        ids = params.get("id")
        chosen = [person for person in self.people if ids is None or str(person.user_id) in ids]
        return SnapshotPage.of(sorted(chosen, key=lambda event: event.user_id), None).model_dump(mode="json")

    @property
    def source(self) -> Source:
        return Source(self.call, "users")


async def test_what_the_release_before_has_written_is_decided_once_all_accounts_are_known(catalog_stage: Stage) -> None:
    stage = catalog_stage
    uid, state = await stage.create(owner_email=FIRST)
    _, nobodys = await stage.create("nobodys", owner_email="nobody@example.org")
    _, mistyped = await stage.create("mistyped", owner_email="no address")
    await as_the_release_before_wrote_it(stage)
    assert (await stage.state(uid))["owner_claimed"] is None
    await name(stage, uid, 2, FIRST)
    undecided = (await told(stage, "space.changed"))[-1]
    assert (await stage.state(uid))["owner_claimed"] is None, "a resync decides nothing: few accounts are known"
    old = account(ANNA, FIRST, verified_addresses=None)  # auth may be of the release before, too
    await stage.catalog.ownership.decide_all(Auth(old).source)
    assert [await owner(stage, space) for space in (state, nobodys, mistyped)] == [ANNA, None, None]
    events = {event["space_id"]: event for event in await told(stage, "space.changed")}
    assert {event["owner_decided"] for event in events.values()} == {True}
    assert events[state["space_id"]]["revision"] > undecided["revision"]
    count = len(await stage.events())
    await stage.catalog.ownership.decide_all(Auth(old).source)
    assert len(await stage.events()) == count


async def repaired(check: Check) -> dict[str, int]:
    async def progress(_reports: object) -> None:
        pass

    [report] = await checks.rebuild([check], progress)
    return report.by_kind


async def test_an_audit_finds_a_wrong_owner_and_a_rebuild_gives_the_space_back(catalog_stage: Stage) -> None:
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    anna = account(ANNA, FIRST)
    await ownership.account_changed(anna)
    uid, state = await stage.create(owner_email=FIRST)
    owners, accounts = Owners(ownership).check(), Accounts(ownership, Auth(anna).source)
    assert (await repaired(owners), await repaired(accounts)) == ({}, {})
    await stage.sql("UPDATE spaces SET owner_id = :stranger", stranger=uuid4())
    assert await repaired(owners) == {"wrong": 1}
    assert await owner(stage, state) == ANNA
    assert (await told(stage, "space.changed"))[-1]["revision"] == (await stage.state(uid))["revision"]
    await stage.sql("DELETE FROM accounts")
    await ownership.account_changed(account(BORIS, FIRST, span(FIRST, datetime.now(UTC))))
    assert await owner(stage, state) == ANNA, "an owner of whom nothing is known stays"
    assert await repaired(Accounts(ownership, Auth(anna).source)) == {"missing": 1, "unknown": 1}
    assert await owner(stage, state) == ANNA
    assert await repaired(owners) == {}
    await stage.sql("UPDATE accounts SET spans = '[]', addresses = '{}' WHERE user_id = :anna", anna=ANNA)
    await repaired(owners)
    assert await owner(stage, state) is None
    assert await repaired(accounts) == {"wrong": 1}
    assert await owner(stage, state) == ANNA


async def grown_old(stage: Stage) -> None:
    await stage.sql("UPDATE spaces SET owner_named_at = owner_named_at - interval '2 minutes'")


async def test_who_is_named_and_has_no_account_is_invited_once(catalog_stage: Stage) -> None:
    stage, ownership = catalog_stage, catalog_stage.catalog.ownership
    await ownership.account_changed(account(ANNA, FIRST, email_verified=False, verified_addresses=[]))
    uid, state = await stage.create(owner_email="Guest@example.org")
    await stage.create("second", owner_email="guest@example.org")
    for slug, email in (("hers", FIRST), ("wrong", "no address"), ("nobodys", None)):
        await stage.create(slug, owner_email=email)
    assert await ownership.invite() == 0, "who has mistyped an address may correct it"
    await grown_old(stage)
    stage.catalog.configuration.policy = CatalogPolicy(invite_owners=False)
    assert await ownership.invite() == 0
    stage.catalog.configuration.policy = CatalogPolicy()
    assert sorted(await asyncio.gather(ownership.invite(), ownership.invite())) == [0, 1]
    invited = await told(stage, "owner.invited")
    title = {"ru": "Лофт", "en": "Loft"}
    assert invited == [{"email": "Guest@example.org", "space_id": state["space_id"], "title": title}]
    await name(stage, uid, 2, SECOND)
    await name(stage, uid, 3, "guest@example.org")
    await grown_old(stage)
    assert await ownership.invite() == 0
    [(kept,)] = await stage.sql("SELECT address_hash FROM invitations")
    assert "guest" not in kept


async def test_auth_tells_of_accounts_over_the_broker(running_catalog: Stage) -> None:
    stage = running_catalog
    auth = Broker(stage.settings.broker_url.get_secret_value(), "auth", None)
    await auth.start()
    try:
        _, state = await stage.create(owner_email=FIRST)
        for event in (account(ANNA, FIRST), account(ANNA, FIRST)):
            await auth.publish(event.type, bytes(row(event, "")["body"]))  # type: ignore[arg-type]

        async def anna_has_it() -> bool:
            return await owner(stage, state) == ANNA

        await eventually_async(anna_has_it, "the space to be Anna's")
        gone = UserRemoved(user_id=ANNA, revision=2)
        await auth.publish(gone.type, bytes(row(gone, "")["body"]))  # type: ignore[arg-type]

        async def nobody_has_it() -> bool:
            return await owner(stage, state) is None

        await eventually_async(nobody_has_it, "the space to be nobody's")
    finally:
        await auth.stop()
