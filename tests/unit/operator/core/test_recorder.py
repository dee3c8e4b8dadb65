"""Kubernetes Events in the background: in order, tried again, bounded, and written before the process goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mesto.operator.cluster import Gone
from mesto.operator.queue import RetryLater, Terminal
from mesto.operator.recorder import ATTEMPTS, DROPPED, Recorder, Write
from prometheus_client import REGISTRY
from support.waiting import eventually_async


class Written:
    """Writes that succeed, or fail so many times."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.tried = 0

    def write(self, name: str, failures: int = 0, error: type[Exception] = RetryLater) -> Write:
        left = failures

        async def write() -> None:
            nonlocal left
            self.tried += 1
            await asyncio.sleep(0)
            if left:
                left -= 1
                raise error("not now")
            self.names.append(name)

        return write


def dropped() -> float:
    return REGISTRY.get_sample_value(f"{DROPPED._name}_total") or 0


async def recorded(recorder: Recorder, done: Callable[[], bool]) -> None:
    running = asyncio.create_task(recorder.run())
    await eventually_async(done, "the events")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_events_are_written_in_order_and_tried_again() -> None:
    written, recorder, before = Written(), Recorder(pause=0), dropped()
    for number in range(5):
        recorder.record(str(number), written.write(str(number), failures=number % ATTEMPTS))
    await recorded(recorder, lambda: len(written.names) == 5)
    assert written.names == ["0", "1", "2", "3", "4"]
    assert dropped() == before


async def test_an_event_that_cannot_be_written_holds_up_no_other() -> None:
    written, recorder, before = Written(), Recorder(pause=0), dropped()
    recorder.record("refused", written.write("refused", failures=99))
    recorder.record("homeless", written.write("homeless", failures=99, error=Gone))
    recorder.record("wrong", written.write("wrong", failures=99, error=Terminal))
    recorder.record("good", written.write("good"))
    await recorded(recorder, lambda: bool(written.names))
    assert (written.names, written.tried, dropped() - before) == (["good"], ATTEMPTS + 3, 3)


async def test_of_too_many_the_oldest_go() -> None:
    written, recorder, before = Written(), Recorder(most=3, pause=0), dropped()
    for number in range(10):
        recorder.record(str(number), written.write(str(number)))
    await recorded(recorder, lambda: len(written.names) == 3)
    assert (written.names, dropped() - before) == (["7", "8", "9"], 7)


async def test_what_waits_is_written_when_the_process_stops() -> None:
    written, recorder = Written(), Recorder(pause=0)
    held = asyncio.Event()

    async def hang() -> None:
        await held.wait()
        written.names.append("held")

    recorder.record("held", hang)
    recorder.record("behind", written.write("behind"))
    running = asyncio.create_task(recorder.run())
    await asyncio.sleep(0)
    held.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert written.names == ["held", "behind"]
