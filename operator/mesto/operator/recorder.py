"""Kubernetes Events in the background: news for people, which no reconcile waits for."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

import structlog
from mesto.operator.cluster import Gone
from mesto.operator.queue import RetryLater, Terminal
from prometheus_client import Counter

log = structlog.get_logger(__name__)
DROPPED = Counter("mesto_operator_events_dropped_total", "Kubernetes Events that could not be written")
MOST = 10_000
ATTEMPTS = 3
LAST_SECONDS = 5.0
"""What waits when the process stops has this long to be written."""
Write = Callable[[], Awaitable[None]]


class Recorder:
    """Writes one Event after the other, in order, so that they never crowd out reconciles at the API server.

    An Event is tried three times; when ``most`` wait, the oldest goes. ``pause`` seconds lie between attempts.
    """

    def __init__(self, most: int = MOST, pause: float = 1.0) -> None:
        self._waiting: deque[tuple[str, Write]] = deque()
        self._some = asyncio.Event()
        self._most, self._pause = most, pause

    def record(self, name: str, write: Write) -> None:
        """Write an Event soon; ``name`` is for the log when that fails."""
        if len(self._waiting) >= self._most:
            self._drop(self._waiting.popleft()[0], "too many wait")
        self._waiting.append((name, write))
        self._some.set()

    @staticmethod
    def _drop(name: str, reason: str) -> None:
        DROPPED.inc()
        log.warning("event_not_written", name=name, error=reason)

    async def run(self) -> None:
        """Write until cancelled; then what waits is written, as long as that is quick."""
        try:
            while True:
                await self._some.wait()
                await self._empty()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._empty()
            for name, _ in self._waiting:
                self._drop(name, "the process stops")

    async def _empty(self) -> None:
        while self._waiting:
            name, write = self._waiting[0]
            await self._write(name, write)
            # Only now: one that a cancellation cuts off is tried again, unless so many came that it was dropped.
            if self._waiting and self._waiting[0][1] is write:
                self._waiting.popleft()
        self._some.clear()

    async def _write(self, name: str, write: Write) -> None:
        reason = ""
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(self._pause * attempt)
            try:
                await write()
                return
            except Gone:
                reason = "its namespace is gone"
                break
            except Terminal as error:
                reason = str(error)
                break
            except RetryLater as error:
                reason = str(error)
        self._drop(name, reason)
