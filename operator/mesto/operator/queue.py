"""The operator's one work queue: keys without doubles, one worker per key at a time, new work first.

Resyncs are never urgent: they have a quarter of the workers, each of which rests as long as it has worked, so that new
work finds workers, and services, that are free. All methods run in the event loop's thread. A key that is added while a
worker has it is worked on once more afterwards.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

import structlog
from mesto.common.observability import telemetry
from prometheus_client import Gauge

log = structlog.get_logger(__name__)
K = TypeVar("K", bound=Hashable)
DEPTH = Gauge("mesto_operator_queue_depth", "Keys waiting to be reconciled", ["lane"])
BACKOFF = Gauge("mesto_operator_queue_backoff", "Keys waiting for a later attempt")


class Priority(IntEnum):
    """What is worked on first."""

    NEW = 0  # what people have declared
    ANSWERS = 1  # what services say of it: several of them become one pass while there is new work
    RESYNC = 2


class RetryLater(Exception):
    """Raised by a handler: something it needs is away, back off without a traceback, for ``delay`` seconds at least."""

    def __init__(self, message: str, delay: float = 0) -> None:
        super().__init__(message)
        self.delay = delay


REJECTED_SECONDS = 300.0
LONGEST_REST = 2.0


class Terminal(RetryLater):
    """What was asked for is refused, and will be until somebody changes something: to be tried seldom."""

    def __init__(self, message: str) -> None:
        super().__init__(message, REJECTED_SECONDS)


class Timer(Protocol):
    """What ``asyncio.loop.call_later`` returns."""

    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class WorkQueue(Generic[K]):
    """``first`` and ``longest`` bound the backoff in seconds; tests replace the others."""

    def __init__(
        self,
        *,
        first: float = 0.5,
        longest: float = 60,
        call_later: CallLater | None = None,
        jitter: Callable[[], float] = random.random,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._first, self._longest, self._jitter, self._rest = first, longest, jitter, rest
        self._call_later = call_later or (lambda delay, run: asyncio.get_running_loop().call_later(delay, run))
        self._waiting: dict[Priority, OrderedDict[K, None]] = {priority: OrderedDict() for priority in Priority}
        self._running: set[K] = set()
        self._resyncing, self._most_resyncing, self._others = 0, 1, False
        self._again: dict[K, Priority] = {}
        self._timers: dict[K, tuple[Timer, Priority]] = {}
        self._failures: dict[K, int] = {}
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return sum(len(priority) for priority in self._waiting.values())

    @property
    def planned(self) -> int:
        """How many keys wait for a later moment."""
        return len(self._timers)

    def add(self, key: K, priority: Priority = Priority.NEW) -> None:
        """Work on ``key`` as soon as a worker is free; a later attempt that was planned is dropped."""
        self._drop_timer(key)
        if key in self._running:
            self._again[key] = min(priority, self._again.get(key, priority))
        else:
            self._enqueue(key, priority)
        self._measure()

    def _enqueue(self, key: K, priority: Priority) -> None:
        if any(key in self._waiting[other] for other in Priority if other <= priority):
            return
        for other in Priority:
            self._waiting[other].pop(key, None)
        self._waiting[priority][key] = None
        self._some.set()

    def add_after(self, key: K, delay: float, priority: Priority = Priority.NEW) -> None:
        """Work on ``key`` after ``delay`` seconds unless it is added before."""
        self._drop_timer(key)
        self._timers[key] = (self._call_later(delay, lambda: self.add(key, priority)), priority)
        self._measure()

    def is_planned(self, key: K) -> bool:
        """Return whether ``key`` waits for a later moment."""
        return key in self._timers

    def _drop_timer(self, key: K) -> None:
        if planned := self._timers.pop(key, None):
            planned[0].cancel()

    def retry_all_now(self) -> None:
        """Try all planned attempts now: what the keys were waiting for is back."""
        for key, (_, priority) in list(self._timers.items()):
            self.add(key, priority)

    def forget(self, key: K) -> None:
        """Forget planned attempts and failures of ``key``, which is gone."""
        self._drop_timer(key)
        self._failures.pop(key, None)
        self._measure()

    def delay_after(self, failures: int) -> float:
        """Return seconds before the next attempt: doubling, with a jitter of half, up to the longest."""
        # By hand: tenacity repeats a call, and here a key waits while its worker goes on with others.
        whole = min(self._longest, self._first * 2.0 ** min(failures - 1, 20))
        return whole * (0.5 + self._jitter() / 2)

    async def work(self, workers: int, handle: Callable[[K], Awaitable[float | None]]) -> None:
        """Run until cancelled. ``handle`` returns seconds after which to look again, or None; it raises to back off."""
        self._most_resyncing = max(1, workers // 4)
        self._others = workers > self._most_resyncing
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._worker(handle))

    async def _worker(self, handle: Callable[[K], Awaitable[float | None]]) -> None:
        while True:
            key, priority = await self._next()
            if priority is not Priority.RESYNC:
                await self._work_on(key, handle)
                continue
            self._resyncing += 1
            try:
                begun = time.monotonic()
                await self._work_on(key, handle)
                if self._others:
                    await self._rest(min(LONGEST_REST, time.monotonic() - begun))
            finally:
                self._resyncing -= 1

    async def _work_on(self, key: K, handle: Callable[[K], Awaitable[float | None]]) -> None:
        try:
            await self._handle(key, handle)
        finally:
            self._running.discard(key)
            if (priority := self._again.pop(key, None)) is not None:
                self.add(key, priority)

    async def _next(self) -> tuple[K, Priority]:
        while True:
            for priority in Priority:
                if self._waiting[priority] and (
                    priority is not Priority.RESYNC or self._resyncing < self._most_resyncing
                ):
                    key, _ = self._waiting[priority].popitem(last=False)
                    self._running.add(key)
                    self._measure()
                    return key, priority
            self._some.clear()
            await self._some.wait()

    async def _handle(self, key: K, handle: Callable[[K], Awaitable[float | None]]) -> None:
        try:
            seconds = await handle(key)
        except Exception as error:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            delay = self.delay_after(failures)
            expected = isinstance(error, RetryLater) and not isinstance(error, Terminal)
            if isinstance(error, RetryLater):
                delay = max(delay, error.delay * (1 + self._jitter() / 2))
            report = log.warning if isinstance(error, RetryLater) else log.exception
            report("reconcile_failed", key=str(key), error=str(error), failures=failures, retry_in=round(delay, 2))
            if not expected and failures == 1:  # the attempts that follow tell nothing new
                telemetry.report(error)
            self.add_after(key, delay)
            return
        self._failures.pop(key, None)
        if seconds is not None:
            self.add_after(key, seconds)

    def _measure(self) -> None:
        for priority, keys in self._waiting.items():
            DEPTH.labels(priority.name.lower()).set(len(keys))
        BACKOFF.set(len(self._timers))
