"""Passwords are judged, hashed and checked in turns, so that one network's flood holds up itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from mesto.auth.passwords.service import Passwords, Turns
from mesto.common.errors import Problem


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_password_is_itself_and_nothing_is_right_for_nobody(passwords: Passwords) -> None:
    encoded = await passwords.hash("korrekt-Pferd-7", "a")
    assert await passwords.check(encoded, "korrekt-Pferd-7", "a")
    assert not await passwords.check(encoded, "korrekt-Pferd-8", "a")
    assert not await passwords.check(None, "nobody has this password", "a")


async def test_a_flood_of_one_network_does_not_keep_another_waiting() -> None:
    turns, served = Turns(1, of_one=64), list[str]()

    async def work(network: str) -> None:
        await turns.acquire(network)
        served.append(network)

    flood = [asyncio.create_task(work("flood")) for _ in range(200)]
    await settle()
    others = [asyncio.create_task(work(name)) for name in ("b", "c", "b")]
    await settle()
    for _ in range(1 + 64 + 3):
        turns.release()
        await settle()
    assert served[:6] == ["flood", "flood", "b", "c", "flood", "b"]
    refused = [task.exception() for task in flood if task.exception() is not None]
    assert len(refused) == 200 - 1 - 64
    assert all(isinstance(error, Problem) and error.status == 503 for error in refused)
    assert not any(task.exception() for task in others)


async def test_when_all_are_too_many_the_last_of_the_largest_network_goes() -> None:
    turns = Turns(1, of_one=5, of_all=6)
    await turns.acquire("first")
    waiting = [asyncio.create_task(turns.acquire("large")) for _ in range(5)]
    waiting += [asyncio.create_task(turns.acquire(name)) for name in ("b", "c")]
    await settle()
    assert [task.done() for task in waiting] == [False] * 4 + [True, False, False]
    with pytest.raises(Problem):
        await turns.acquire("large")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_whoever_goes_away_gives_the_turn_back() -> None:
    turns = Turns(1)
    await turns.acquire("a")
    gone, staying = asyncio.create_task(turns.acquire("a")), asyncio.create_task(turns.acquire("b"))
    await settle()
    gone.cancel()
    await settle()
    turns.release()
    await asyncio.wait_for(staying, 5)
    turns.release()
    await asyncio.wait_for(turns.acquire("c"), 5)


async def test_a_thread_is_taken_until_it_has_done_although_nobody_waits_for_it(passwords: Passwords) -> None:
    let_go, begun = threading.Event(), threading.Semaphore(0)

    def slow() -> None:
        begun.release()
        let_go.wait(30)

    tasks = [asyncio.create_task(passwords._run("a", slow)) for _ in range(2)]
    await asyncio.to_thread(lambda: [begun.acquire(timeout=30) for _ in tasks])
    for task in tasks:
        task.cancel()
    next_one = asyncio.create_task(passwords._run("b", str))
    await settle()
    assert not next_one.done()
    let_go.set()
    assert await asyncio.wait_for(next_one, 30) == ""
