"""What limits count with, and that all processes count together."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter
from mesto.auth.rate_limits.records import Limit
from mesto.auth.rate_limits.service import PostgresStorage, RateLimits
from mesto.common.database import pruning
from mesto.common.database.engine import Database
from support.servers.auth import Stage
from support.servers.session_servers import DatabaseUrls

LATER = "UPDATE auth.rate_entries SET expires_at = expires_at - interval '{} seconds'"


async def test_processes_count_together_and_nobody_goes_beyond(auth: Stage, empty_database_urls: DatabaseUrls) -> None:
    databases = [Database(empty_database_urls["auth"], f"test-{number}") for number in range(2)]
    processes = [RateLimits(database) for database in databases]
    hits = (processes[number % 2].wait("x", "somebody", 7, timedelta(minutes=1)) for number in range(40))
    waits = sorted(await asyncio.gather(*hits))
    assert waits[:7] == [0] * 7
    assert all(0 < wait <= 60 for wait in waits[7:])
    for database in databases:
        await database.close()


async def test_the_window_moves(auth: Stage) -> None:
    limits, limit = RateLimits(auth.database), Limit("x", "somebody", 2, 100)
    assert await limits.hit(limit) == 0
    await auth.sql(LATER.format(60))
    assert await limits.hit(limit) == 0
    assert 30 < await limits.hit(limit) <= 40
    await auth.sql(LATER.format(50))
    assert await limits.hit(limit) == 0, "the first counts no more"
    assert 40 < await limits.hit(limit) <= 50, "the second does"


async def test_another_limit_does_not_forget_what_was_done(auth: Stage) -> None:
    limits = RateLimits(auth.database)
    for most, is_free in ((2, True), (2, True), (2, False), (3, True), (3, False), (1, False)):
        assert (await limits.hit(Limit("x", "somebody", most, 100)) == 0) is is_free


async def test_what_is_given_back_may_be_done_again_and_others_are_not_touched(auth: Stage) -> None:
    limits, limit, other = RateLimits(auth.database), Limit("x", "somebody", 1, 60), Limit("x", "else", 1, 60)
    assert [await limits.hit(limit), await limits.hit(other)] == [0, 0]
    await limits.give_back(limit)
    await limits.give_back(limit)  # there is nothing to give back any more
    assert await limits.hit(limit) == 0
    assert await limits.hit(other) > 0


async def test_nothing_of_whom_it_counts_can_be_read(auth: Stage) -> None:
    await RateLimits(auth.database).wait("x", "anna@example.org", 3)
    (row,) = await auth.sql("SELECT subject, entries::text AS text FROM auth.rate_entries AS entries")
    assert len(row.subject) == 32
    assert b"anna" not in row.subject


async def test_what_counts_no_more_is_forgotten_batch_by_batch(auth: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    limits = RateLimits(auth.database)
    for number in range(5):
        await limits.wait("x", str(number), 3)
    await auth.sql(LATER.format(3600))
    await limits.wait("x", "young", 3)
    await auth.sql(
        "INSERT INTO auth.occasions (subject, since, count)"
        " VALUES ('old', now() - interval '2 days', 1), ('new', now(), 1)"
    )
    assert await limits.prune() == 6
    assert len(await auth.sql("SELECT 1 FROM auth.rate_entries")) == 1
    assert [bytes(row.subject) for row in await auth.sql("SELECT subject FROM auth.occasions")] == [b"new"]


async def test_the_storage_does_all_that_the_library_asks_of_one(auth: Stage) -> None:
    storage, item = PostgresStorage(auth.database), RateLimitItemPerMinute(3)
    fixed, moving = FixedWindowRateLimiter(storage), MovingWindowRateLimiter(storage)
    assert await storage.check()
    assert [await fixed.hit(item, "a", cost=2), await fixed.hit(item, "a"), await fixed.test(item, "a")] == [
        True,
        True,
        False,
    ]
    window = await fixed.get_window_stats(item, "a")
    assert (window.remaining, 50 < window.reset_time - time.time() <= 61) == (0, True)
    assert not await moving.hit(item, "b", cost=4), "more than there may be at all"
    assert await moving.hit(item, "b", cost=3)
    assert not await moving.test(item, "b")
    await moving.clear(item, "b")
    assert await moving.test(item, "b", cost=3)
    assert (await moving.get_window_stats(item, "b")).remaining == 3
    assert await storage.reset() == 3
    await auth.database.close()
    unreachable = PostgresStorage(Database("postgresql+asyncpg://nobody@127.0.0.1:1/x", "test"))
    assert not await unreachable.check()
