"""Nothing is served before it is known by which rules; what cannot be known does not keep a process silent for ever."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from mesto.common import server
from mesto.common.platform_config.configuration import Configuration
from mesto.common.server import Service


def service(known: asyncio.Event) -> Service:
    made = Service.__new__(Service)

    class Learnt:
        async def wait_until_read(self) -> None:
            await known.wait()

    made.configuration = cast(Configuration[Any], Learnt())
    return made


async def test_it_is_waited_for_what_has_to_be_known() -> None:
    known, asked = asyncio.Event(), asyncio.Event()
    learning = asyncio.create_task(service(known)._learn(asked))
    await asyncio.sleep(0.05)
    assert not learning.done()
    known.set()
    await asyncio.wait_for(learning, 10)


async def test_whoever_is_asked_to_stop_waits_no_longer() -> None:
    asked = asyncio.Event()
    asked.set()
    await asyncio.wait_for(service(asyncio.Event())._learn(asked), server.KNOWN_SECONDS / 2)


async def test_what_cannot_be_known_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KNOWN_SECONDS", 0.05)
    await asyncio.wait_for(service(asyncio.Event())._learn(asyncio.Event()), 10)
