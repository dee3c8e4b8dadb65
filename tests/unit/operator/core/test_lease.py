"""The Lease: one holder at a time, whatever clocks, networks and processes do; the next one begins in time."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mesto.operator.cluster import Gone, Stale
from mesto.operator.lease import DEADLINE, DURATION, RETRY, Lease, LeaseLost
from mesto.operator.queue import RetryLater
from support.faults.virtual_time import in_virtual_time


class Store:
    """One Lease of an API server; ``down`` fails every request of these holders, ``slow`` never answers."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] | None = None
        self.version, self.writes = 0, 0
        self.down: set[str] = set()
        self.frozen: asyncio.Event | None = None

    def of(self, who: str) -> _Side:
        return _Side(self, who)


class _Side:
    def __init__(self, store: Store, who: str) -> None:
        self.store, self.who = store, who

    async def _await_server(self) -> None:
        if self.store.frozen is not None:
            await self.store.frozen.wait()
        await asyncio.sleep(0)
        if self.who in self.store.down:
            raise RetryLater("the API server does not answer")

    async def lease(self, namespace: str, name: str) -> dict[str, Any]:
        await self._await_server()
        if self.store.stored is None:
            raise Gone
        return copy.deepcopy(self.store.stored)

    async def replace_lease(self, lease: dict[str, Any]) -> dict[str, Any]:
        await self._await_server()
        known = self.store.stored["metadata"].get("resourceVersion") if self.store.stored else None
        if lease["metadata"].get("resourceVersion") != known:
            raise Stale("409")
        self.store.version += 1
        self.store.writes += 1
        self.store.stored = copy.deepcopy(lease)
        self.store.stored["metadata"]["resourceVersion"] = str(self.store.version)
        return copy.deepcopy(self.store.stored)


class Stage:
    """Candidates that note when they begin and end to work; two at once fail the test."""

    def __init__(self) -> None:
        self.store, self.working, self.log = Store(), set[str](), list[str]()
        self.leases: dict[str, Lease] = {}
        self.began: dict[str, asyncio.Event] = {}

    def join(self, who: str, work: Callable[[], Awaitable[None]] | None = None) -> asyncio.Task[None]:
        clock = asyncio.get_running_loop().time
        lease = Lease(self.store.of(who), "mesto", "one", who, clock=clock)
        self.leases[who], self.began[who] = lease, asyncio.Event()

        async def working() -> None:
            assert not self.working, f"{who} works beside {self.working}"
            self.working.add(who)
            self.log.append(who)
            self.began[who].set()
            try:
                await (work() if work else asyncio.Event().wait())
            finally:
                self.working.discard(who)

        return asyncio.create_task(lease.lead(working), name=who)

    async def works(self, who: str) -> None:
        async with asyncio.timeout(600):
            await self.began[who].wait()


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@in_virtual_time
async def test_one_of_two_works_and_lets_the_other_begin_when_it_ends(stage: Stage) -> None:
    first = stage.join("a")
    await stage.works("a")
    second = stage.join("b")
    await asyncio.sleep(3600)
    assert stage.log == ["a"]  # renewed all the time
    await ended(first)
    await stage.works("b")
    assert stage.store.stored is not None
    assert stage.store.stored["spec"]["holderIdentity"] == "b"
    assert stage.store.stored["spec"]["leaseTransitions"] == 2
    await ended(second)


@in_virtual_time
async def test_a_holder_that_dies_is_followed_after_the_duration_and_not_before(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    first = stage.join("a")
    await stage.works("a")
    second = stage.join("b")
    await asyncio.sleep(60)
    stage.store.down.add("a")  # it cannot even let go
    begun = loop.time()
    await ended(first)
    await stage.works("b")
    assert DURATION - DEADLINE / 3 - RETRY <= loop.time() - begun <= DURATION + 2 * RETRY < 20
    await ended(second)


@in_virtual_time
async def test_one_started_in_the_place_of_the_dead_goes_on_at_once(stage: Stage) -> None:
    first = stage.join("a")
    await stage.works("a")
    stage.store.down.add("a")
    await ended(first)
    stage.store.down.clear()
    again = stage.join("a")
    await stage.works("a")
    assert stage.store.stored is not None
    assert stage.store.stored["spec"]["leaseTransitions"] == 1
    await ended(again)


@in_virtual_time
async def test_a_holder_cut_off_from_the_api_server_stops_before_the_next_begins(stage: Stage) -> None:
    first = stage.join("a")
    await stage.works("a")
    second = stage.join("b")
    stage.store.down.add("a")
    await stage.works("b")  # the assertion in working() is the test: never two
    with pytest.raises(LeaseLost, match="does not answer"):
        await first
    assert stage.log == ["a", "b"]
    await ended(second)


@in_virtual_time
async def test_a_holder_whose_request_hangs_does_not_work_on(stage: Stage) -> None:
    first = stage.join("a")
    await stage.works("a")
    stage.store.frozen = asyncio.Event()
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(first, 60)
    assert not stage.working


@in_virtual_time
async def test_a_process_that_was_frozen_knows_it_before_it_writes(stage: Stage) -> None:
    now = 0.0
    lease = Lease(stage.store.of("a"), "mesto", "one", "a", clock=lambda: now)
    assert await lease._acquire_or_renew()
    assert lease.held
    now += 11  # nothing of this process ran meanwhile
    assert not lease.held


@in_virtual_time
async def test_a_clock_that_is_wrong_does_not_matter(stage: Stage) -> None:
    first = stage.join("a")
    await stage.works("a")
    assert stage.store.stored is not None
    second = stage.join("b")
    stage.store.stored["spec"]["renewTime"] = "1999-01-01T00:00:00.000000Z"
    await asyncio.sleep(600)
    assert stage.log == ["a"]
    await ended(first, second)


@in_virtual_time
async def test_what_the_work_raises_comes_out_and_the_lease_is_let_go(stage: Stage) -> None:
    async def fails() -> None:
        raise RuntimeError("broken")

    with pytest.raises(ExceptionGroup) as raised:
        await stage.join("a", fails)
    assert raised.group_contains(RuntimeError, match="broken")
    assert stage.store.stored is not None
    assert stage.store.stored["spec"]["holderIdentity"] is None


@in_virtual_time
async def test_of_many_that_begin_at_once_one_works(stage: Stage) -> None:
    tasks = [stage.join(f"one-{number}") for number in range(8)]
    await asyncio.wait(
        [asyncio.create_task(event.wait()) for event in stage.began.values()], return_when="FIRST_COMPLETED"
    )
    await asyncio.sleep(600)
    assert len(stage.log) == 1
    await ended(*tasks)
