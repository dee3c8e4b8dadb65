"""The work queue: no doubles, one worker per key, new work first, backoff per key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mesto.operator.queue import REJECTED_SECONDS, Priority, RetryLater, Terminal, WorkQueue


@dataclass
class FakeTimer:
    at: float
    run: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeClock:
    """Timers fire when a test says so."""

    now: float = 0
    timers: list[FakeTimer] = field(default_factory=list)

    def call_later(self, delay: float, run: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(self.now + delay, run)
        self.timers.append(timer)
        return timer

    def pending(self) -> list[float]:
        return [timer.at - self.now for timer in self.timers if not timer.cancelled and timer.at > self.now]

    def advance(self, seconds: float) -> None:
        due = [timer for timer in self.timers if not timer.cancelled and self.now < timer.at <= self.now + seconds]
        self.now += seconds
        for timer in due:
            timer.run()


async def no_rest(_seconds: float) -> None:
    """Nobody rests."""


def queue_of(clock: FakeClock, rest: Callable[[float], Awaitable[None]] = no_rest) -> WorkQueue[str]:
    return WorkQueue(first=1, longest=8, call_later=clock.call_later, jitter=lambda: 1.0, rest=rest)


@asynccontextmanager
async def working(
    queue: WorkQueue[str], handle: Callable[[str], Awaitable[float | None]], workers: int = 4
) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.work(workers, handle))
    await settle()
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_key_that_waits_is_not_queued_twice() -> None:
    queue, seen = queue_of(FakeClock()), []
    for key in ("a", "b", "a"):
        queue.add(key)

    async def handle(key: str) -> None:
        seen.append(key)

    async with working(queue, handle):
        assert seen == ["a", "b"]


async def test_new_work_goes_before_resync_and_lifts_a_key_out_of_it() -> None:
    queue, seen = queue_of(FakeClock()), []
    for key in ("r1", "r2", "r3"):
        queue.add(key, Priority.RESYNC)
    queue.add("n1")
    queue.add("r3")
    queue.add("n1", Priority.RESYNC)

    async def handle(key: str) -> None:
        seen.append(key)

    async with working(queue, handle, workers=1):
        assert seen == ["n1", "r3", "r1", "r2"]


async def test_resyncs_that_wait_for_a_service_leave_workers_for_new_work() -> None:
    queue, begun, gate = queue_of(FakeClock()), [], asyncio.Event()
    resyncs = [f"r{number}" for number in range(6)]
    for key in resyncs:
        queue.add(key, Priority.RESYNC)

    async def handle(key: str) -> None:
        begun.append(key)
        if key in resyncs:
            await gate.wait()

    async with working(queue, handle, workers=8):
        assert begun == ["r0", "r1"]
        for key in ("n1", "n2", "n3"):
            queue.add(key)
        await settle()
        assert begun == ["r0", "r1", "n1", "n2", "n3"]
        gate.set()
        await settle()
        assert begun[5:] == resyncs[2:]


async def test_a_worker_rests_after_a_resync_as_long_as_it_took_and_after_nothing_else() -> None:
    rests: list[float] = []
    resting, over = asyncio.Event(), asyncio.Event()

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        resting.set()
        await over.wait()

    queue, seen = queue_of(FakeClock(), rest), []
    for key in ("r1", "r2"):
        queue.add(key, Priority.RESYNC)

    async def handle(key: str) -> None:
        seen.append(key)
        if key == "r1":
            await asyncio.sleep(0.02)

    async with working(queue, handle):
        await asyncio.wait_for(resting.wait(), 10)
        assert (seen, len(rests), rests[0] >= 0.02) == (["r1"], 1, True)
        queue.add("n1")
        queue.add("r1")  # the key is free although its worker rests
        await settle()
        assert (seen, len(rests)) == (["r1", "n1", "r1"], 1)
        over.set()
        await settle()
        assert (seen[3:], len(rests)) == (["r2"], 2)


async def test_answers_of_services_wait_for_new_work_and_go_before_resync() -> None:
    queue, seen = queue_of(FakeClock()), []
    queue.add("r1", Priority.RESYNC)
    queue.add("r2", Priority.RESYNC)
    for key in ("a1", "a1", "a2", "r2"):
        queue.add(key, Priority.ANSWERS)
    queue.add("a2")
    queue.add("n1")

    async def handle(key: str) -> None:
        seen.append(key)

    async with working(queue, handle, workers=1):
        assert seen == ["a2", "n1", "a1", "r2", "r1"]


async def test_a_key_has_one_worker_and_is_worked_on_again_when_it_changed_meanwhile() -> None:
    queue, running, most, rounds = queue_of(FakeClock()), 0, 0, 0
    gate = asyncio.Event()

    async def handle(_: str) -> None:
        nonlocal running, most, rounds
        running, rounds = running + 1, rounds + 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    async with working(queue, handle):
        queue.add("a")
        await settle()
        queue.add("a")
        queue.add("a", Priority.RESYNC)
        await settle()
        assert rounds == 1
        gate.set()
        await settle()
        assert (rounds, most) == (2, 1)


async def test_different_keys_run_side_by_side() -> None:
    queue, gate, started = queue_of(FakeClock()), asyncio.Event(), []

    async def handle(key: str) -> None:
        started.append(key)
        await gate.wait()

    async with working(queue, handle, workers=3):
        for key in "abcd":
            queue.add(key)
        await settle()
        assert started == ["a", "b", "c"]
        gate.set()


async def test_failures_back_off_per_key_and_a_success_forgets_them() -> None:
    clock, fails, seen = FakeClock(), True, []
    queue = queue_of(clock)

    async def handle(key: str) -> None:
        seen.append(key)
        if fails and key == "bad":
            raise RetryLater("catalog is away")

    async with working(queue, handle):
        queue.add("bad")
        queue.add("good")
        await settle()
        for delay in (1, 2, 4, 8, 8):
            assert clock.pending() == [delay]
            clock.advance(delay)
            await settle()
        assert seen.count("bad") == 6
        assert seen.count("good") == 1
        fails = False
        queue.retry_all_now()
        await settle()
        assert seen.count("bad") == 7
        assert clock.pending() == []
        fails = True
        queue.add("bad")
        await settle()
        assert clock.pending() == [1]


async def test_new_work_does_not_wait_for_a_backoff_and_drops_the_planned_attempt() -> None:
    clock, seen = FakeClock(), []
    queue = queue_of(clock)

    async def handle(key: str) -> None:
        seen.append(key)
        if len(seen) == 1:
            raise RuntimeError("a bug")

    async with working(queue, handle):
        queue.add("a")
        await settle()
        queue.add("a")
        await settle()
        assert len(seen) == 2
        clock.advance(100)
        await settle()
        assert len(seen) == 2


async def test_a_handler_can_ask_to_be_called_again() -> None:
    clock, seen = FakeClock(), []
    queue = queue_of(clock)

    async def handle(key: str) -> float | None:
        seen.append(key)
        return 60.0 if len(seen) == 1 else None

    async with working(queue, handle):
        queue.add("a")
        await settle()
        assert clock.pending() == [60]
        clock.advance(60)
        await settle()
        assert seen == ["a", "a"]
        assert clock.pending() == []


async def test_a_forgotten_key_is_not_tried_again() -> None:
    clock = FakeClock()
    queue = queue_of(clock)
    queue.add_after("a", 5)
    queue.forget("a")
    clock.advance(10)
    assert len(queue) == 0


def test_the_jitter_keeps_half_of_the_delay() -> None:
    low: WorkQueue[str] = WorkQueue(first=2, longest=60, jitter=lambda: 0.0)
    high: WorkQueue[str] = WorkQueue(first=2, longest=60, jitter=lambda: 1.0)
    assert [(low.delay_after(n), high.delay_after(n)) for n in (1, 3, 9)] == [(1, 2), (4, 8), (30, 60)]


async def test_a_server_that_says_when_to_come_again_is_left_alone_until_then() -> None:
    clock = FakeClock()
    queue = queue_of(clock)
    answers = [RetryLater("busy", 30), RetryLater("busy", 0.1), Terminal("never")]

    async def handle(key: str) -> float | None:
        if answers:
            raise answers.pop(0)
        return None

    async with working(queue, handle):
        waited = []
        for _ in range(3):
            queue.add("a")
            await settle()
            waited += clock.pending()
        # With this jitter a named delay is half as long again, so that not all come at the same moment.
        assert waited == [45, 2, REJECTED_SECONDS * 1.5]
        queue.add("a")
        await settle()
        assert clock.pending() == [], "a change of the resource does not wait"
