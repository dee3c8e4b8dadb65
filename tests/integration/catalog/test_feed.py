"""The change feed: everything once it is settled, nothing skipped, waiting without asking again."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from support.catalog import Stage, spec_of, upsert_of


async def drain(stage: Stage, cursor: str = "", limit: int = 3) -> tuple[list[dict[str, Any]], str]:
    """All that the feed has after a cursor."""
    told: list[dict[str, Any]] = []
    while True:
        items, cursor = await stage.changes(cursor, limit=limit)
        if not items:
            return told, cursor
        told += items


async def test_pages_from_the_beginning_and_then_only_news(catalog_stage: Stage) -> None:
    uids = [(await catalog_stage.create(f"s{number}"))[0] for number in range(7)]
    told, cursor = await drain(catalog_stage)
    assert [item["uid"] for item in told] == [str(uid) for uid in uids]
    assert await drain(catalog_stage, cursor) == ([], cursor)
    await catalog_stage.put(uids[3], name="s3", slug="s3", generation=2, spec=spec_of(address="Moved"))
    await catalog_stage.remove(uids[5], "retain")
    news, _ = await drain(catalog_stage, cursor)
    assert [(item["uid"], item["removed"]) for item in news] == [(str(uids[3]), False), (str(uids[5]), True)]
    assert news[0] == await catalog_stage.state(uids[3])


async def test_a_row_of_an_older_transaction_that_commits_late_is_not_skipped(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create("early")
    _, cursor = await drain(catalog_stage)
    late = catalog_stage.catalog.database.engine
    async with late.connect() as connection:
        await connection.execute(text("UPDATE spaces SET address = 'Late' WHERE slug = 'early'"))
        second, _ = await catalog_stage.create("second")
        # `second` has committed, with a higher number than the one still running: it has to wait.
        assert await drain(catalog_stage, cursor) == ([], cursor)
        await connection.commit()
    news, _ = await drain(catalog_stage, cursor)
    assert [item["uid"] for item in news] == [str(uid), str(second)]


async def test_a_reader_beside_concurrent_writers_sees_the_last_state_of_every_space(catalog_stage: Stage) -> None:
    """Eight writers with pauses inside their transactions; the reader keeps only what it is told."""
    dice = random.Random(7)
    uids = [(await catalog_stage.create(f"s{number}"))[0] for number in range(8)]
    engine, writing = catalog_stage.catalog.database.engine, True
    known: dict[str, int] = {}

    async def write(uid: UUID) -> None:
        for _ in range(12):
            async with engine.begin() as connection:
                bump = "UPDATE spaces SET revision = revision + 1 WHERE uid = :uid"
                await connection.execute(text(bump), {"uid": uid})
                await asyncio.sleep(dice.random() * 0.03)

    async def read() -> None:
        cursor = ""
        while True:
            last_round = not writing
            items, cursor = await catalog_stage.changes(cursor, limit=2)
            for item in items:
                assert item["revision"] > known.get(item["uid"], 0), "told twice or backwards"
                known[item["uid"]] = item["revision"]
            if last_round and not items:
                return

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(uid) for uid in uids))
    writing = False
    await reader
    assert known == {str(uid): 13 for uid in uids}


async def test_a_waiting_poll_is_woken_by_a_commit(catalog_stage: Stage) -> None:
    _, cursor = await drain(catalog_stage)
    poll = asyncio.create_task(catalog_stage.changes(cursor, wait=20))
    await asyncio.sleep(0.2)
    assert not poll.done()
    _, state = await catalog_stage.create()
    items, _ = await asyncio.wait_for(poll, 10)
    assert items == [state]


async def test_a_waiting_poll_sees_the_commit_of_another_replica(catalog_stage: Stage) -> None:
    _, cursor = await drain(catalog_stage)
    uid, _ = await catalog_stage.create()
    _, cursor = await drain(catalog_stage)
    poll = asyncio.create_task(catalog_stage.changes(cursor, wait=20))
    await asyncio.sleep(0.1)
    async with catalog_stage.catalog.database.engine.begin() as elsewhere:  # no callbacks run for this one
        await elsewhere.execute(text("UPDATE spaces SET address = 'Moved'"))
    items, _ = await asyncio.wait_for(poll, 10)
    assert [item["uid"] for item in items] == [str(uid)]


async def test_an_idle_poll_ends_with_the_same_cursor_and_a_stopping_process_ends_it_early(
    catalog_stage: Stage,
) -> None:
    await catalog_stage.create()
    _, cursor = await drain(catalog_stage)
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
