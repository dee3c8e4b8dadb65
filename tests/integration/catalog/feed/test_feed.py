"""The change feed: everything once it is settled, nothing skipped, waiting without asking again."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from support.servers.catalog import Stage, spec_of, upsert_of


async def test_pages_from_the_beginning_and_then_only_news(catalog_stage: Stage) -> None:
    uids = [(await catalog_stage.create(f"s{number}"))[0] for number in range(7)]
    told, cursor = await catalog_stage.news(7, limit=3)
    assert [item["uid"] for item in told] == [str(uid) for uid in uids]
    assert await catalog_stage.changes(cursor) == ([], cursor)
    await catalog_stage.put(uids[3], name="s3", slug="s3", generation=2, spec=spec_of(address="Moved"))
    await catalog_stage.remove(uids[5], "retain")
    news, _ = await catalog_stage.news(2, cursor)
    assert [(item["uid"], item["removed"]) for item in news] == [(str(uids[3]), False), (str(uids[5]), True)]
    assert news[0] == await catalog_stage.state(uids[3])


async def test_a_row_of_an_older_transaction_that_commits_late_is_not_skipped(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create("early")
    _, cursor = await catalog_stage.news(1)
    late = catalog_stage.catalog.database.engine
    async with late.connect() as connection:
        await connection.execute(text("UPDATE spaces SET address = 'Late' WHERE slug = 'early'"))
        second, _ = await catalog_stage.create("second")
        # `second` has committed, with a higher number than the one still running: it has to wait.
        assert await catalog_stage.changes(cursor) == ([], cursor)
        await connection.commit()
    news, _ = await catalog_stage.news(2, cursor)
    assert [item["uid"] for item in news] == [str(uid), str(second)]


async def test_a_reader_beside_concurrent_writers_is_told_of_every_change_once(catalog_stage: Stage) -> None:
    """Each row is written once, by transactions that commit in another order than they began: a skip would be final."""
    dice = random.Random(7)
    uids = [(await catalog_stage.create(f"s{number}"))[0] for number in range(60)]
    _, cursor = await catalog_stage.news(60)
    engine, slots = catalog_stage.catalog.database.engine, asyncio.Semaphore(10)

    async def write(uid: UUID) -> None:
        async with slots, engine.begin() as connection:
            await connection.execute(text("UPDATE spaces SET address = 'Moved' WHERE uid = :uid"), {"uid": uid})
            await asyncio.sleep(dice.random() * 0.1)

    told: list[dict[str, Any]] = []

    async def read() -> None:
        nonlocal cursor
        until = time.monotonic() + 60
        while len(told) < len(uids) and time.monotonic() < until:
            items, cursor = await catalog_stage.changes(cursor)  # as often as it can, right behind the writers
            told.extend(items)

    await asyncio.gather(read(), *(write(uid) for uid in uids))
    assert sorted(item["uid"] for item in told) == sorted(str(uid) for uid in uids)


async def test_a_waiting_poll_is_woken_by_a_commit(catalog_stage: Stage) -> None:
    _, cursor = await catalog_stage.changes()
    poll = asyncio.create_task(catalog_stage.changes(cursor, wait=20))
    await asyncio.sleep(0.2)
    assert not poll.done()
    _, state = await catalog_stage.create()
    items, _ = await asyncio.wait_for(poll, 30)
    assert items == [state]


async def test_a_waiting_poll_sees_the_commit_of_another_replica(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    _, cursor = await catalog_stage.news(1)
    poll = asyncio.create_task(catalog_stage.changes(cursor, wait=20))
    await asyncio.sleep(0.1)
    async with catalog_stage.catalog.database.engine.begin() as elsewhere:  # no callbacks run for this one
        await elsewhere.execute(text("UPDATE spaces SET address = 'Moved'"))
    items, _ = await asyncio.wait_for(poll, 30)
    assert [item["uid"] for item in items] == [str(uid)]


async def test_an_idle_poll_ends_with_the_same_cursor_and_a_stopping_process_ends_it_early(
    catalog_stage: Stage,
) -> None:
    await catalog_stage.create()
    _, cursor = await catalog_stage.news(1)
    assert await catalog_stage.changes(cursor, wait=0.3) == ([], cursor)
    poll = asyncio.create_task(catalog_stage.changes(cursor, wait=25))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    catalog_stage.service.stopping = True
    assert await poll == ([], cursor)
    assert time.monotonic() - started < 10, "the poll held the process up"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cursor", "rubbish"),
        ("cursor", "WzEsMl0"),  # [1,2]
        ("cursor", "WyJhIiwiYiJd"),  # ["a","b"]
        ("cursor", "é"),
        ("wait", "26"),
        ("wait", "nan"),
        ("limit", "0"),
        ("limit", "1001"),
    ],
)
async def test_bad_parameters_are_refused(catalog_stage: Stage, name: str, value: str) -> None:
    answer = await catalog_stage.operator.get("/internal/spaces/changes", params={name: value})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [name]


async def test_upserts_during_a_poll_are_answered(catalog_stage: Stage) -> None:
    """Waiting polls hold no connection."""
    polls = [asyncio.create_task(catalog_stage.changes(wait=15)) for _ in range(40)]
    await asyncio.sleep(0.3)
    answer = await catalog_stage.operator.put(f"/internal/spaces/{uuid4()}", json=upsert_of())
    assert answer.status_code == 200
    for items, _ in await asyncio.gather(*polls):
        assert len(items) == 1
