"""Whether the watches live: a watch may be silent because nothing happens, or because nothing comes through any more.

A silent stream cannot tell the two apart, so the API server is asked beside it, on a connection of its own: is there an
event after the newest one that this stream has brought? One that is there and does not come, while nothing else comes
either, means that the stream is frozen. Nobody has to change anything for that, nothing is written, and a stream that
is merely behind (it brings events, though old ones) is well. Deletions do not count: a resource of ours changes before
it goes, and a stream that was begun anew never tells of what went meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import structlog
from mesto.operator.cluster import Expired, Gone, Silent
from mesto.operator.queue import RetryLater
from prometheus_client import Gauge

log = structlog.get_logger(__name__)
BEHIND = Gauge(
    "mesto_operator_watch_behind_seconds",
    "For how long a watch brings nothing although there is something, the worst of all watches; 0 when all is well",
)
LOOK_SECONDS = 10.0
_AT_ONCE = 8


class Stream(NamedTuple):
    """A watch of kopf's: of one kind, in one namespace or (empty) in all."""

    plural: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.plural} in {self.namespace or 'all namespaces'}"


class Source(Protocol):
    """Asking the API server for what a stream should have brought; ``Cluster`` is one."""

    async def newest(self, plural: str, namespace: str) -> int:
        """Return the version that the server is at. Raises RetryLater, or Gone."""
        ...

    async def after(self, plural: str, namespace: str, version: int) -> int | None:
        """Return the version of the first change after one, None without any.

        Raises Expired, Silent, RetryLater, or Gone.
        """
        ...


@dataclass
class _Known:
    """``brought``: the newest version that came; ``events``: how many did. ``start``: where looks begin.

    ``since`` is when the stream was first seen to owe an event, None while it owes none; ``at`` how many events had
    come by then.
    """

    brought: int = 0
    events: int = 0
    start: int | None = None
    since: float | None = None
    at: int = 0


class Frozen(Exception):
    """A watch has brought nothing for so long that this process should be started anew."""


class WatchMonitor:
    """``patience`` is for how many seconds a stream may owe an event; after twice that the process ends by itself.

    As long has a new process to list what there is before it is judged at all.
    """

    def __init__(
        self,
        source: Source,
        streams: Iterable[Stream],
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._patience, self._clock = source, patience, clock
        self._known = {stream: _Known() for stream in streams}
        self._some = asyncio.Semaphore(_AT_ONCE)
        self._begun: float | None = None

    def record(self, plural: str, namespace: str, version: int) -> None:
        """Note that a watch has brought this version of a resource."""
        for stream in (Stream(plural, namespace), Stream(plural, "")):
            if known := self._known.get(stream):
                known.brought, known.events = max(known.brought, version), known.events + 1

    def failure(self) -> str:
        """Return which watch is frozen, empty when none is."""
        stream, seconds = self._worst()
        if seconds < self._patience:
            return ""
        return f"the watch of {stream} has brought nothing for {seconds:.0f} s although there is something"

    def _worst(self) -> tuple[Stream | None, float]:
        owing = {item: self._clock() - known.since for item, known in self._known.items() if known.since is not None}
        worst = max(owing, key=lambda item: owing[item], default=None)
        return worst, owing[worst] if worst else 0.0

    async def run(self) -> None:
        """Run until cancelled. Raises Frozen when nobody has restarted this process although it said it is frozen."""
        while True:
            await self.check()
            _, seconds = self._worst()
            if seconds >= 2 * self._patience:
                raise Frozen(self.failure())
            await asyncio.sleep(min(LOOK_SECONDS, self._patience / 4))

    async def check(self) -> None:
        """Ask once about every stream."""
        if self._begun is None:
            self._begun = self._clock()
        await asyncio.gather(*(self._check_stream(*item) for item in self._known.items()))
        BEHIND.set(self._worst()[1])

    async def _check_stream(self, stream: Stream, known: _Known) -> None:
        try:
            async with self._some:
                owes = await self._owes(stream, known)
        except (RetryLater, Gone) as error:
            # While the API server is away nothing can come: that is readiness' business. Afterwards a watch has all
            # its time to begin anew.
            log.debug("watch_not_looked_at", stream=str(stream), error=str(error))
            known.since = None
            return
        owes = owes and self._begun is not None and self._clock() - self._begun >= self._patience
        if not owes or (known.since is not None and known.events > known.at):
            known.since = None
        if owes and known.since is None:
            known.since, known.at = self._clock(), known.events
        if known.since is not None and self._clock() - known.since >= self._patience:
            log.error("watch_frozen", stream=str(stream), seconds=round(self._clock() - known.since))

    async def _owes(self, stream: Stream, known: _Known) -> bool:
        """Return whether there is a change that the stream has not brought. Raises RetryLater, or Gone."""
        if known.start is None:
            known.start = await self._source.newest(*stream)
        try:
            found = await self._source.after(*stream, max(known.start, known.brought))
        except Expired:
            if known.since is not None:
                return True  # what is owed is not paid by being forgotten
            known.start = await self._source.newest(*stream)
            return False
        except Silent:
            # No watch comes through, this one neither: it counts when the server answers otherwise.
            await self._source.newest(*stream)
            return True
        return found is not None and found > known.brought
