"""One event, several rooms."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest
from mesto.common.messaging.broker import Handler, side_by_side
from mesto.contracts.events import Envelope, Event, UserRemoved

EVENT = UserRemoved(user_id=uuid.uuid4(), revision=1)
ENVELOPE = Envelope(id=uuid.uuid4(), type=EVENT.type, time=datetime.now(UTC), payload={})


def handler(done: list[str], name: str, waits_for: asyncio.Event | None = None, fails: bool = False) -> Handler:
    async def handle(_envelope: Envelope, _event: Event) -> None:
        if waits_for is not None:
            await waits_for.wait()
        done.append(name)
        if fails:
            raise ConnectionError(name)

    return handle


def test_an_event_of_one_room_goes_to_its_handler_itself() -> None:
    only = handler([], "only")
    assert side_by_side({"a": only}, {"b": handler([], "b")})["a"] is only


async def test_a_room_that_fails_does_not_stop_the_others_and_the_event_has_failed() -> None:
    done, late = list[str](), asyncio.Event()
    handlers = side_by_side(
        {EVENT.type: handler(done, "fails", fails=True)},
        {EVENT.type: handler(done, "late", waits_for=late)},
    )
    handling = asyncio.create_task(handlers[EVENT.type](ENVELOPE, EVENT))
    asyncio.get_running_loop().call_later(0.05, late.set)
    with pytest.raises(ConnectionError, match="fails"):
        await handling
    assert done == ["fails", "late"]
