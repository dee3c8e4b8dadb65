"""Spaces against the CoworkingSpaces that should manage them, in both directions: what watch events cannot tell.

A resource can go without a deletion that we see (its finalizer is cleared while we are away, its namespace or all of
etcd is lost), and a row can go behind catalog's back. Both are found by reading both sides. Catalog is told, for audits
and for those who claim the slugs; a space whose resource has been missing for long enough is unpublished like one that
is retained. Rows of namespaces that we do not watch are not ours to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.observability import request_context, telemetry
from mesto.contracts.spaces import MOST_COMPARED, Comparison, ManagedSpace, ManagedSpaces
from mesto.operator.cluster import Cluster, Gone
from mesto.operator.queue import RetryLater
from prometheus_client import Counter, Gauge

log = structlog.get_logger(__name__)
DIFFERENCES = Gauge("mesto_operator_differences", "Spaces without their resource, and the other way round", ["what"])
COMPARED = Gauge("mesto_operator_compared_timestamp_seconds", "When spaces and resources were last compared", ["scope"])
UNPUBLISHED = Counter(
    "mesto_operator_missing_unpublished_total", "Spaces unpublished because their resource is missing"
)
_PLURAL = "coworkingspaces"
_PAGE = 1000
_AT_ONCE_SECONDS = 5.0
"""The shortest pause between two comparisons that are asked for."""
_DIFFERING_SECONDS = 60.0
"""The longest pause while there are differences: what tells of them ends with them."""
Names = Mapping[UUID, tuple[str, str]]
"""Namespace and name by uid."""


@dataclass
class Differences:
    """What a comparison says: rows without a resource (``missing``; ``news`` of those was not known), rows that have
    theirs back, and resources that say they are stored and have no row (``unstored``)."""

    missing: list[ManagedSpace] = field(default_factory=list)
    news: list[ManagedSpace] = field(default_factory=list)
    back: list[ManagedSpace] = field(default_factory=list)
    unstored: dict[UUID, tuple[str, str]] = field(default_factory=dict)


def compare(rows: Sequence[ManagedSpace], existing: Names, stored: Names) -> Differences:
    """Compare rows with resources.

    ``rows`` were read before ``existing``: a resource that came in between cannot be missed. ``stored`` are the
    resources whose status says that catalog has them.
    """
    found = Differences()
    for row in rows:
        if row.uid not in existing:
            found.missing.append(row)
            if row.missing_since is None:
                found.news.append(row)
        elif row.missing_since is not None:
            found.back.append(row)
    kept = {row.uid for row in rows}
    found.unstored = {uid: name for uid, name in stored.items() if uid in existing and uid not in kept}
    return found


def overdue(found: Differences, existing: Names, now: datetime, grace: timedelta) -> list[ManagedSpace]:
    """Return the rows missing for longer than ``grace``; none without any resource: it is not single ones that went."""
    if not existing:
        return []
    return [row for row in found.missing if row.missing_since is not None and now - row.missing_since >= grace]


class Existence:
    """Compares spaces with resources; one per process.

    ``stored`` names the resources that say they are stored, ``resync`` has one told to catalog anew,
    ``on_slug_released`` is called with each slug that nobody manages any more.
    """

    def __init__(
        self,
        catalog: InternalClient,
        cluster: Cluster,
        namespaces: Sequence[str],
        *,
        stored: Callable[[], Names],
        resync: Callable[[str, str], None],
        on_slug_released: Callable[[str], None],
        every: float,
        grace: float,
    ) -> None:
        self._catalog, self._cluster, self._namespaces = catalog, cluster, list(namespaces)
        self._stored, self._resync, self._on_slug_released = stored, resync, on_slug_released
        self._every, self._grace = every, timedelta(seconds=grace)
        self._requested = asyncio.Event()

    def request_comparison(self) -> None:
        """Compare soon, for something hints at a missing resource."""
        self._requested.set()

    async def run(self) -> None:
        """Compare now and every period, until cancelled: a part that does not answer is asked again with the next."""
        try:
            while True:
                request_context.request_id.set(uuid4().hex)
                every = self._every
                try:
                    found = await self.compare_now()
                    every = min(every, _DIFFERING_SECONDS) if found.missing or found.unstored else every
                except (RetryLater, Gone, ServiceUnavailable, RequestRejected) as error:
                    log.warning("not_compared", error=str(error))
                except Exception as error:
                    log.exception("not_compared")
                    telemetry.report(error)
                await asyncio.sleep(min(_AT_ONCE_SECONDS, self._every))
                await self._pause(every - _AT_ONCE_SECONDS)
        finally:  # another process leads now, and says what it finds
            DIFFERENCES.clear()
            COMPARED.clear()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._requested.wait()
        except TimeoutError:
            pass
        self._requested.clear()

    async def compare_now(self) -> Differences:
        """Compare and act on it; return what is still different then.

        Raises RetryLater, Gone, ServiceUnavailable or RequestRejected: then nothing is known and nothing done.
        """
        rows = await self._rows()
        existing: dict[UUID, tuple[str, str]] = {}
        for namespace in self._namespaces or [""]:
            existing |= await self._cluster.existing(_PLURAL, namespace)
        found = compare(rows, existing, self._stored())
        found.unstored = await self._still_unstored(found.unstored)
        await self._report(found)
        for row in overdue(found, existing, datetime.now(UTC), self._grace):
            await self._unpublish(row)
            found.missing.remove(row)  # settled: it is unpublished, or has its resource after all
        DIFFERENCES.labels("space_without_resource").set(len(found.missing))
        DIFFERENCES.labels("resource_without_space").set(len(found.unstored))
        COMPARED.labels(",".join(sorted(self._namespaces)) or "*").set_to_current_time()
        for row in found.news:
            self._on_slug_released(row.slug)
        for namespace, name in found.unstored.values():
            self._resync(namespace, name)
        return found

    async def _rows(self) -> list[ManagedSpace]:
        rows: list[ManagedSpace] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {"cursor": cursor, "limit": _PAGE, "namespace": self._namespaces}
            page = ManagedSpaces.parse_answer(
                await self._catalog.call("GET", "/internal/spaces/managed", params=params)
            )
            rows += page.items
            cursor = page.next_cursor
        return rows

    async def _still_unstored(self, suspects: Names) -> dict[UUID, tuple[str, str]]:
        """Return those that catalog does not know: a row may have come while both sides were read."""
        unstored = {}
        for uid in list(suspects)[:MOST_COMPARED]:
            try:
                await self._catalog.call("GET", f"/internal/spaces/{uid}")
            except RequestRejected as error:
                if error.status != 404:
                    raise
                unstored[uid] = suspects[uid]
        return unstored

    async def _report(self, found: Differences) -> None:
        """Report in parts that catalog takes; the last one counts for what is told of resources."""
        news, back = [row.uid for row in found.news], [row.uid for row in found.back]
        names = ["/".join(name) for name in found.unstored.values()]
        for start in range(0, max(1, len(news), len(back)), MOST_COMPARED):
            part = slice(start, start + MOST_COMPARED)
            body = Comparison(namespaces=self._namespaces, missing=news[part], found=back[part], unstored=names)
            await self._catalog.call("POST", "/internal/spaces/comparison", json=body.model_dump(mode="json"))

    async def _unpublish(self, row: ManagedSpace) -> None:
        """Unpublish as at the deletion of a retained resource, which is looked for once more by its name."""
        if await self._cluster.uid_of(_PLURAL, row.namespace, row.name) == row.uid:
            return
        log.warning("missing_unpublished", space=f"{row.namespace}/{row.name}", slug=row.slug, since=row.missing_since)
        await self._catalog.call("DELETE", f"/internal/spaces/{row.uid}", params={"policy": "retain"})
        UNPUBLISHED.inc()
