"""Catalog's change feed: what services have applied, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.spaces import SpaceChanges, SpaceState
from prometheus_client import Gauge
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential, wait_random

log = structlog.get_logger(__name__)
CATALOG_UP = Gauge("mesto_operator_catalog_up", "1 while catalog's change feed answers")
_WAIT, _LIMIT = 10, 500
_ANSWER_SECONDS = 4
# Where one change comes, more do: one page for several of them. A single one's answers are not kept waiting by it.
_GATHER, _LONGEST_GATHER = 0.05, 0.25


class Feed:
    """Reads the feed from its beginning at each start: what was missed while the operator was down is in it too.

    ``on_state`` gets each state, ``on_recovery`` is called when catalog answers again after a silence. ``caught_up`` is
    set once the end was reached, so that resources need not be told anew after a restart. ``failure`` says why catalog
    does not answer, empty while it does.
    """

    def __init__(
        self, catalog: InternalClient, on_state: Callable[[SpaceState], None], on_recovery: Callable[[], None]
    ) -> None:
        self._catalog, self._on_state, self._on_recovery = catalog, on_state, on_recovery
        self._cursor = ""
        self.caught_up = asyncio.Event()
        self.failure = "has not answered yet"

    async def run(self) -> None:
        """Follow the feed until cancelled."""
        patient = AsyncRetrying(
            retry=retry_if_exception_type((RequestRejected, ServiceUnavailable)),
            wait=wait_exponential(0.2, max=2) + wait_random(0, 1),
            before_sleep=self._note_failure,
        )
        while True:
            page: SpaceChanges = await patient(self._page)
            recovered, self.failure = patient.statistics["attempt_number"] > 1, ""
            CATALOG_UP.set(1)
            if recovered:
                self._on_recovery()
            self._cursor = page.next_cursor
            for state in page.items:
                self._on_state(state)
            if len(page.items) < _LIMIT:
                self.caught_up.set()
                if page.items:
                    await asyncio.sleep(min(_LONGEST_GATHER, _GATHER * len(page.items)))

    def _note_failure(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        self.failure = str(error)
        CATALOG_UP.set(0)
        if isinstance(error, RequestRejected):
            # A cursor that catalog does not know any more (its database was restored): read all of it again.
            log.warning("feed_refused", error=self.failure, status=error.status)
            self._cursor = ""
        elif attempt.attempt_number == 1:
            log.warning("feed_unreachable", error=self.failure)

    async def _page(self) -> SpaceChanges:
        wait = _WAIT if self.caught_up.is_set() else 0
        params = {"cursor": self._cursor, "wait": wait, "limit": _LIMIT}
        path, within = "/internal/spaces/changes", wait + _ANSWER_SECONDS
        answer = await self._catalog.call("GET", path, seconds=within, params=params)
        return SpaceChanges.parse_answer(answer)
