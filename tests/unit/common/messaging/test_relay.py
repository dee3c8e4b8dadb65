"""The outbox's relay ends when it is told to, at whatever moment that is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mesto.common.messaging.outbox import Relay, outbox_table
from sqlalchemy import MetaData


class Idle(Relay):
    """A relay that never finds anything to publish."""

    async def publish_batch(self) -> int:
        return 0


@pytest.mark.parametrize("steps", range(6))
async def test_a_relay_that_is_woken_and_ended_at_once_ends(steps: int) -> None:
    database: Any = SimpleNamespace(on_commit=[])
    relay = Idle(database, outbox_table(MetaData()), cast(Any, None), "test")
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.05)
    [wake] = database.on_commit
    wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=10)
    assert done, "it goes on as if nobody had said anything"
    assert running.cancelled()
