"""Catalog's change feed as the operator follows it: patiently, from the last page, from its beginning if refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.contracts.spaces import Bookable, SpaceState
from mesto.operator.feed import Feed
from prometheus_client import REGISTRY

STATE = SpaceState(
    uid=UUID(int=1),
    namespace="spaces",
    name="basmanny-loft",
    space_id=UUID(int=2),
    slug="basmanny-loft",
    url="",
    revision=1,
    generation=1,
    bookable=Bookable(status=True, reason="Bookable"),
)


def catalog_is_up() -> float | None:
    """Return what the metric says."""
    return REGISTRY.get_sample_value("mesto_operator_catalog_up")


class Catalog:
    """Answers as told, one after the other; then it keeps the caller waiting."""

    def __init__(self, *answers: dict[str, object] | Exception) -> None:
        self.answers, self.asked = list(answers), list[str]()
        self.exhausted = asyncio.Event()

    async def call(self, _method: str, _path: str, *, params: dict[str, object], **_options: object) -> object:
        self.asked.append(str(params["cursor"]))
        if not self.answers:
            self.exhausted.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(cursor: str, *states: SpaceState) -> dict[str, object]:
    """Return a page as catalog sends it."""
    return {"items": [found.model_dump(mode="json") for found in states], "next_cursor": cursor}


@contextlib.asynccontextmanager
async def following(catalog: Catalog, told: list[object]) -> AsyncIterator[Feed]:
    """Follow ``catalog`` until all of its answers were taken."""
    feed = Feed(catalog, told.append, lambda: told.append("recovered"))  # type: ignore[arg-type]
    task = asyncio.create_task(feed.run())
    try:
        async with asyncio.timeout(30):
            await catalog.exhausted.wait()
        yield feed
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_silence_is_waited_out_and_told_once() -> None:
    """The page after a silence is asked for by the same cursor, and what was waiting for catalog is tried again."""
    told = list[object]()
    away = [ServiceUnavailable("catalog does not answer"), ServiceUnavailable("catalog answered 503")]
    catalog = Catalog(page("one", STATE), *away, page("two"), page("three"))
    async with following(catalog, told) as feed:
        assert catalog.asked == ["", "one", "one", "one", "two", "three"]
        assert told == [STATE, "recovered"]
        assert (feed.failure, feed.caught_up.is_set()) == ("", True)
        assert catalog_is_up() == 1


async def test_a_refused_cursor_is_dropped() -> None:
    """Catalog's database was restored: it is all read again."""
    told = list[object]()
    refused = RequestRejected(422, "invalid-request", "Not a cursor of this feed", {})
    catalog = Catalog(page("one", STATE), refused, page("other", STATE))
    async with following(catalog, told):
        assert catalog.asked == ["", "one", "", "other"]
        assert told == [STATE, "recovered", STATE]


async def test_while_catalog_is_away_the_feed_says_why() -> None:
    """A failure is to be read in statuses and in a metric until catalog answers."""
    told = list[object]()
    catalog = Catalog(ServiceUnavailable("catalog answered 503"))
    async with following(catalog, told) as feed:
        assert feed.failure == "catalog answered 503"
        assert catalog_is_up() == 0
        assert not feed.caught_up.is_set()
        assert told == []
