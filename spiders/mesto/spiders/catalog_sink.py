"""Bringing a run to catalog: it begins, offers follow in batches while the site is read, and it ends.

At most a few batches wait in memory: while catalog is away or slow, whoever adds an offer waits, and so does the site.
Every call may be repeated, so each is, with growing pauses, until catalog answers or patience is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import Any, Protocol

from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.contracts.offers import BATCH, MAX_BATCHES, Coverage, Ended, Offer, OfferBatch, Run, RunEnd, RunStart
from mesto.contracts.scraping import Crawl
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

log = logging.getLogger(__name__)
WAITING = 4
"""Batches that wait in memory besides the one that fills and the one on its way."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
_OVER = frozenset({"run-ended", "target-gone", "stale-run", "run-conflict", "not-found"})


class Client(Protocol):
    """``mesto.common.http.internal_client.InternalClient`` of catalog."""

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """Return the decoded answer. Raises ServiceUnavailable or RequestRejected."""
        ...


class Over(Exception):
    """Catalog takes nothing more of this run: it has ended, or its target is gone."""


class Undelivered(Exception):
    """Catalog did not take what was brought; the message is for people."""


class CatalogSink:
    """One run on its way to catalog. ``patience`` in seconds is how long catalog may be away at a time."""

    def __init__(self, client: Client, crawl: Crawl, patience: float) -> None:
        self.client, self.crawl, self.patience = client, crawl, patience
        self.problem: Over | Undelivered | None = None
        self.delivered = 0
        self._batch: list[Offer] = []
        self._queue: asyncio.Queue[list[Offer]] = asyncio.Queue(WAITING)
        self._number = 0
        self._sender: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Tell catalog. Raises Over when the run must not be, Undelivered when catalog stayed away."""
        crawl = self.crawl
        start = RunStart(target=crawl.target, namespace=crawl.namespace, name=crawl.name, started_at=datetime.now(UTC))
        run = Run.parse_answer(await self._call("", start.model_dump_json()))
        if run.outcome != "running":
            raise Over(f"The run has ended already: {run.outcome}.")
        self._sender = asyncio.create_task(self._send_batches())

    async def add(self, offer: Offer) -> None:
        """Take an offer; waits while too much is on its way. Raises Over or Undelivered once nothing is taken."""
        self._batch.append(offer)
        if len(self._batch) >= BATCH:
            batch, self._batch = self._batch, []
            await self._queue.put(batch)
        if self.problem is not None:
            raise self.problem

    async def flush(self) -> None:
        """Wait until all that was added is with catalog. Raises Over or Undelivered."""
        if self._batch:
            batch, self._batch = self._batch, []
            await self._queue.put(batch)
        await self._queue.join()
        if self.problem is not None:
            raise self.problem

    async def end(self, outcome: Ended, message: str, pages: int, coverage: Coverage | None) -> Run:
        """End the run. Raises Over, or Undelivered when not all offers have come or catalog stayed away."""
        body = RunEnd(
            outcome=outcome,
            message=message[:1000].replace("\x00", ""),
            items=self.delivered,
            pages=pages,
            coverage=coverage,
            finished_at=datetime.now(UTC),
        )
        return Run.parse_answer(await self._call("/end", body.model_dump_json()))

    async def close(self) -> None:
        """Stop sending."""
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender

    async def _send_batches(self) -> None:
        """Sends batch after batch; once one was not taken those after it are dropped, so that nobody waits for ever."""
        while True:
            batch = await self._queue.get()
            try:
                if self.problem is None:
                    await self._send_batch(batch)
            except (Over, Undelivered) as problem:
                self.problem = problem
            except Exception as error:
                log.exception("not delivered")
                self.problem = Undelivered(f"Offers could not be brought to catalog: {type(error).__name__}.")
            finally:
                self._queue.task_done()

    async def _send_batch(self, batch: list[Offer]) -> None:
        if self._number >= MAX_BATCHES:
            raise Undelivered(f"More than {BATCH * MAX_BATCHES} offers were found: that is no list of spaces.")
        await self._call(f"/offers/{self._number}", OfferBatch(items=batch).model_dump_json())
        self._number += 1
        self.delivered += len(batch)

    async def _call(self, path: str, content: str) -> Any:
        """Return catalog's answer. Raises Over or Undelivered."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ServiceUnavailable),
            wait=wait_exponential(FIRST_PAUSE, LONGEST_PAUSE) + wait_random(0, FIRST_PAUSE),
            stop=stop_before_delay(self.patience),
            before_sleep=_log_away,
            reraise=True,
        )
        try:
            return await retrying(
                self.client.call,
                "PUT",
                f"/internal/scrape-runs/{self.crawl.run}{path}",
                content=content,
                headers={"Content-Type": "application/json"},
            )
        except RequestRejected as refused:
            if refused.slug in _OVER:
                raise Over(f"Catalog takes nothing more of this run: {refused}") from refused
            raise Undelivered(f"Catalog refused what was found: {refused}") from refused
        except ServiceUnavailable as away:
            raise Undelivered(f"Catalog was away too long: {away}") from away


def _log_away(state: RetryCallState) -> None:
    assert state.outcome is not None
    log.warning("catalog is away, once more in %.1f s: %s", state.upcoming_sleep, state.outcome.exception())
