"""A run's judgement at its end, and its way to catalog: batches, patience, bounded memory, nothing lost silently."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.contracts.money import Price
from mesto.contracts.offers import BATCH, Coverage, Offer
from mesto.contracts.scraping import Crawl, Expect
from mesto.spiders import catalog_sink as module
from mesto.spiders.catalog_sink import WAITING, CatalogSink, Over, Undelivered
from mesto.spiders.run_stats import RunStats, looks_blocked
from support.waiting import eventually_async

SEEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
CRAWL = Crawl.model_validate(
    {
        "run": "run-1",
        "target": str(uuid4()),
        "namespace": "moscow",
        "name": "rival",
        "start_urls": ["https://rival.example.org"],
        "extract": {"mode": "structured_data"},
    }
)


def offer(name: str = "Desk", **changes: Any) -> Offer:
    return Offer(name=name, seen_at=SEEN, **changes)


def stats_of(*offers: Offer, unnamed: int = 0) -> RunStats:
    counted = RunStats(pages=2, unnamed=unnamed)
    for offer in offers:
        counted.count(offer)
    return counted


def test_a_run_with_what_is_expected_succeeds() -> None:
    priced = offer(price=Price(amount="450.00", currency="RUB", per="hour"))  # type: ignore[arg-type]
    counted = stats_of(priced, offer(), offer(), unnamed=1)
    outcome, message = counted.judge(Expect(min_items=3, coverage=Coverage(price=33)))
    assert (outcome, counted.coverage()) == ("succeeded", Coverage(price=33))
    assert "1 item without a name was left out" in message


def test_too_few_items_are_empty_and_missing_fields_are_coverage() -> None:
    assert stats_of().judge(Expect())[0] == "empty"
    assert stats_of(offer()).judge(Expect(min_items=2))[0] == "empty"
    assert stats_of().judge(Expect(min_items=0))[0] == "succeeded"
    outcome, message = stats_of(offer()).judge(Expect(coverage=Coverage(price=1)))
    assert (outcome, "price 0 %, expected 1 %" in message) == ("coverage", True)


def test_items_that_have_no_names_at_all_are_a_mistake_in_the_selectors() -> None:
    assert stats_of(unnamed=3).judge(Expect())[0] == "parse"


def test_what_was_left_out_is_told() -> None:
    counted = stats_of(offer())
    counted.broken, counted.misplaced = 2, 1
    outcome, message = counted.judge(Expect())
    assert outcome == "succeeded"
    assert "2 blocks of structured data were not read. 1 position that cannot be true was left out." in message


def test_a_run_that_finds_nothing_beside_broken_data_could_not_read_the_site() -> None:
    counted = stats_of()
    counted.broken = 1
    assert counted.judge(Expect())[0] == "parse"
    assert counted.judge(Expect(min_items=0))[0] == "succeeded"


def test_the_first_failure_counts() -> None:
    counted = stats_of(offer())
    counted.fail("http", "first")
    counted.fail("crashed", "second")
    assert counted.judge(Expect()) == ("http", "first.")


def test_a_page_that_keeps_robots_out_is_recognised() -> None:
    assert looks_blocked("<h1>Подтвердите, что вы не робот</h1>")
    assert not looks_blocked("<h1>Coworking</h1>")


class Catalog:
    """Stands for catalog's API; ``answer`` may raise what the client would."""

    def __init__(self, answer: Callable[[str], None] = lambda path: None) -> None:
        self.answer, self.calls, self.offers = answer, [], {}  # type: ignore[var-annotated]
        self.open = asyncio.Event()
        self.open.set()

    async def call(self, method: str, path: str, **options: Any) -> Any:
        path = path.removeprefix("/internal/scrape-runs/run-1")
        self.calls.append(path)
        await self.open.wait()
        self.answer(path)
        body = orjson.loads(options["content"])
        if path.startswith("/offers/"):
            self.offers[int(path.rpartition("/")[2])] = len(body["items"])
            return None
        run = {"id": "run-1", "target": str(CRAWL.target), "started_at": "2026-03-01T10:00:00Z", "finished_at": None}
        return run | {"outcome": "running", "message": "", "items": 0, "pages": 0, "coverage": None, "shown": False}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)


def refusing(part: str, slug: str) -> Callable[[str], None]:
    def refuse(path: str) -> None:
        if part in path:
            raise RequestRejected(409, slug, "no", {})

    return refuse


async def test_offers_go_in_full_batches_and_one_rest() -> None:
    catalog = Catalog()
    run = CatalogSink(catalog, CRAWL, patience=5)
    await run.begin()
    for number in range(2 * BATCH + 5):
        await run.add(offer(str(number)))
    await run.flush()
    await run.end("succeeded", "", 1, None)
    await run.close()
    assert catalog.offers == {0: BATCH, 1: BATCH, 2: 5}
    assert (run.delivered, catalog.calls[-1]) == (2 * BATCH + 5, "/end")


async def test_while_catalog_hangs_only_a_few_batches_wait_in_memory() -> None:
    catalog = Catalog()
    run = CatalogSink(catalog, CRAWL, patience=5)
    await run.begin()
    catalog.open.clear()
    added = 0

    async def much() -> None:
        nonlocal added
        for _ in range(100 * BATCH):
            await run.add(offer())
            added += 1

    crawl = asyncio.create_task(much())
    await eventually_async(lambda: added == (WAITING + 2) * BATCH - 1, "the crawl to wait")
    for _ in range(1000):
        await asyncio.sleep(0)
    assert added < (WAITING + 2) * BATCH
    catalog.open.set()
    await crawl
    await run.flush()
    await run.close()
    assert sum(catalog.offers.values()) == 100 * BATCH


async def test_what_catalog_could_not_take_at_first_comes_later() -> None:
    refusals = iter([True] * 4)

    def away(path: str) -> None:
        if next(refusals, False):
            raise ServiceUnavailable("catalog answered 503")

    catalog = Catalog(away)
    run = CatalogSink(catalog, CRAWL, patience=5)
    await run.begin()
    await run.add(offer())
    await run.flush()
    await run.close()
    assert catalog.offers == {0: 1}


async def test_when_patience_is_over_the_run_is_told_so_and_nobody_waits_for_ever() -> None:
    def away(path: str) -> None:
        if "offers" in path:
            raise ServiceUnavailable("catalog answered 503")

    run = CatalogSink(Catalog(away), CRAWL, patience=0.01)
    await run.begin()

    async def much() -> None:
        for _ in range(50 * BATCH):
            await run.add(offer())

    with pytest.raises(Undelivered, match="away too long"):
        await much()
    with pytest.raises(Undelivered):
        await run.flush()
    await run.close()
    assert run.delivered == 0


@pytest.mark.parametrize("slug", ["target-gone", "stale-run", "run-conflict"])
async def test_a_run_that_must_not_be_does_not_begin(slug: str) -> None:
    with pytest.raises(Over):
        await CatalogSink(Catalog(refusing("", slug)), CRAWL, patience=5).begin()


@pytest.mark.parametrize("slug", ["target-gone", "run-ended", "not-found"])
async def test_a_run_that_was_ended_meanwhile_takes_no_more(slug: str) -> None:
    run = CatalogSink(Catalog(refusing("offers", slug)), CRAWL, patience=5)
    await run.begin()
    await run.add(offer())
    with pytest.raises(Over):
        await run.flush()
    await run.close()


async def test_a_refusal_of_the_offers_themselves_is_undelivered() -> None:
    run = CatalogSink(Catalog(refusing("offers", "validation")), CRAWL, patience=5)
    await run.begin()
    await run.add(offer())
    with pytest.raises(Undelivered, match="refused"):
        await run.flush()
    await run.close()
