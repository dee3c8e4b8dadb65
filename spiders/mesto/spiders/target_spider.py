"""The one spider: it reads what a Crawl declares and tells catalog what it found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any, Self

from mesto.common.http.addresses import shown
from mesto.common.http.internal_client import InternalClient
from mesto.common.observability import request_context, sentry
from mesto.contracts.offers import Failure
from mesto.contracts.scraping import ARGUMENT, SPIDER, Crawl
from mesto.spiders.catalog_sink import CatalogSink, Over, Undelivered
from mesto.spiders.environment import CALLER, SpiderSettings
from mesto.spiders.extraction import Page, read
from mesto.spiders.memory import within
from mesto.spiders.normalise import offer_of
from mesto.spiders.request_guard import HOSTS, PRIVATE, PRIVATE_NAMES, Forbidden, Outside, Resolver, hosts_of
from mesto.spiders.run_stats import RunStats, looks_blocked
from mesto.spiders.structured import Unreadable
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure as Thrown

log = logging.getLogger(__name__)
_BLOCKED = (401, 403, 407, 429, 451)
_STOPPING_PATIENCE = 10.0
"""How long catalog may be away when a spider that was told to stop says so."""
_MEMORY = "memusage_exceeded"
_REASONS: dict[str, tuple[Failure, str]] = {
    "shutdown": ("crashed", "The spider was stopped before it had read everything."),
    "closespider_timeout": ("timeout", "The site was not read whole in the time that a run may take."),
    _MEMORY: ("crashed", "The spider needed more memory than it may."),
}


class TargetSpider(Spider):
    """Reads one target. Every page that is wanted must be read well, else the run fails at once, with its first reason.

    So a run never shows half a site, and a site that refuses us is left in peace. ``seconds`` is how long a page may be
    looked through.
    """

    name = SPIDER

    def __init__(self, crawl: Crawl, sink: CatalogSink, seconds: float, **_: Any) -> None:
        super().__init__()
        self.crawl, self.sink = crawl, sink
        self.run_stats = RunStats()
        self.begun = False
        self.over = False
        self.asked = 0
        self.seconds = seconds
        self._reading = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **arguments: Any) -> Self:
        """Make the spider. Raises ValidationError for an argument that is no Crawl: nobody could be told."""
        crawl = Crawl.model_validate_json(arguments[ARGUMENT])
        own = SpiderSettings()
        request_context.request_id.set(crawl.run)
        sentry.configure(own, CALLER, lambda: crawl.run)
        client = InternalClient(own, CALLER, "catalog", connections=2)
        spider = cls(crawl, CatalogSink(client, crawl, own.patience), own.read)
        spider._set_crawler(crawler)
        Resolver.private = crawl.private
        for name, value in settings_of(crawl).items():
            crawler.settings.set(name, value, priority="spider")
        crawler.signals.connect(spider.ended, signals.spider_closed)
        crawler.signals.connect(spider.threw, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Begin the run; only then anything is read."""
        try:
            await self.sink.begin()
        except (Over, Undelivered) as problem:
            log.warning("nothing is read: %s", problem)
            self.over = True
            return
        self.begun = True
        for url in self.crawl.start_urls:
            if request := self._request(url):
                yield request

    def _request(self, url: str) -> Request | None:
        """Return a request for a page, None when the run may read no more or the address is none."""
        if self.run_stats.failure is not None or self.over or self.asked >= self.crawl.politeness.max_pages:
            return None
        try:
            request = Request(url, callback=self.read, errback=self.failed)
        except ValueError as error:
            self._fail("http", f"{url[:200]} is no address: {error}")
            return None
        self.asked += 1
        return request

    async def read(self, response: Response) -> AsyncIterator[Any]:
        """Deliver a page's offers and ask for the pages after it."""
        if self.run_stats.failure is not None or self.over or not self._is_page(response):
            return
        self.run_stats.pages += 1
        try:
            page = await self._page(response)
        except Unreadable as error:
            blocked = isinstance(response, TextResponse) and looks_blocked(response.text)
            self._fail("blocked" if blocked else "parse", _blocked_message(response) if blocked else str(error))
            return
        except MemoryError:
            self._fail(*_REASONS[_MEMORY])
            return
        if not page.found and isinstance(response, TextResponse) and looks_blocked(response.text):
            self._fail("blocked", _blocked_message(response))
            return
        if await self._deliver(page):
            for url in page.next:
                if request := self._request(url):
                    yield request

    async def _page(self, response: Response) -> Page:
        """Return what a page says. Raises Unreadable, MemoryError; ends the process when it takes too long."""
        async with self._reading:
            with within(self.seconds):
                # Pages of megabytes take a second to read; the reactor has delivering to do.
                return await asyncio.to_thread(read, response, self.crawl.extract)

    async def _deliver(self, page: Page) -> bool:
        """Return whether the run goes on."""
        seen_at = datetime.now(UTC)
        self.run_stats.broken += page.broken
        for found in page.found:
            offer = offer_of(found, self.crawl.defaults, seen_at, self.crawl.cities)
            if offer is None:
                self.run_stats.unnamed += 1
                continue
            self.run_stats.misplaced += offer.location is None and bool(found.latitude or found.longitude)
            self.run_stats.count(offer)
            try:
                await self.sink.add(offer)
            except Over as problem:
                log.warning("nothing more is read: %s", problem)
                self.over = True
                self._close("over")
                return False
            except Undelivered as problem:
                self._fail("crashed", str(problem))
                return False
        return True

    def _is_page(self, response: Response) -> bool:
        """Return whether an answer is a page; notes what else it is."""
        status = response.status
        if status in _BLOCKED or response.headers.get("cf-mitigated"):
            self._fail("blocked", f"{response.url} answered {status}: the site does not want to be read.")
        elif status >= 400 and isinstance(response, TextResponse) and looks_blocked(response.text):
            self._fail("blocked", _blocked_message(response))
        elif not 200 <= status < 300:
            self._fail("http", f"{response.url} answered {status}.")
        else:
            return True
        return False

    def failed(self, failure: Thrown) -> None:
        """Note a page that did not come."""
        url = getattr(getattr(failure, "request", None), "url", "The site")
        self._fail(*classify(failure.value, url))

    def threw(self, failure: Thrown, response: Response, spider: Spider) -> None:
        """Note a bug of ours."""
        error = failure.value
        if isinstance(error, MemoryError):
            self._fail(*_REASONS[_MEMORY])
            return
        if isinstance(error, BaseException):
            sentry.report(error)
        self._fail("crashed", f"The spider could not go on at {response.url}: {type(error).__name__}.")

    def _fail(self, failure: Failure, message: str) -> None:
        self.run_stats.fail(failure, message)
        self._close("failed")

    def _close(self, reason: str) -> None:
        engine = self.crawler.engine
        if self._closing is None and engine is not None:
            self._closing = asyncio.ensure_future(_close_quietly(engine.close_spider_async(reason=reason)))

    async def ended(self, spider: Spider, reason: str) -> None:
        """Tell catalog how it went, whatever happened."""
        if reason in _REASONS:
            self.run_stats.fail(*_REASONS[reason])
        try:
            if self.begun and not self.over:
                await self._end(reason)
        except (Over, Undelivered) as problem:
            log.error("the end of the run was not told: %s", problem)
        finally:
            await self.sink.close()

    async def _end(self, reason: str) -> None:
        if reason == "shutdown":
            self.sink.patience = min(self.sink.patience, _STOPPING_PATIENCE)
        if self.run_stats.failure is None:
            try:
                await self.sink.flush()
            except Undelivered as problem:
                self.run_stats.fail("crashed", str(problem))
        outcome, message = self.run_stats.judge(self.crawl.expect)
        log.info("the run ends: %s: %s", outcome, message)
        try:
            await self.sink.end(outcome, message, self.run_stats.pages, self.run_stats.coverage())
        except Undelivered as problem:
            if outcome != "succeeded":
                raise
            await self.sink.end("crashed", str(problem), self.run_stats.pages, self.run_stats.coverage())


def classify(error: Any, url: str) -> tuple[Failure, str]:
    """Return the class of failure of a request that brought no answer, and a sentence."""
    if sentence := PRIVATE_NAMES.sentence(url):
        return "http", f"{sentence}."
    if isinstance(error, Forbidden):
        return "robots", f"{error}."
    if isinstance(error, Outside):
        return "http", f"{error}."
    if isinstance(error, MemoryError):
        return _REASONS[_MEMORY]
    place = shown(url)
    if isinstance(error, CannotResolveHostError):
        return "dns", f"The name of {place} is not known."
    if isinstance(error, DownloadTimeoutError | TimeoutError):
        return "timeout", f"{place} did not answer whole in time."
    if isinstance(error, DownloadCancelledError):
        return "http", f"{place} is too large to be read."
    if isinstance(error, IgnoreRequest):  # such as too many redirects: Scrapy's own words
        return "http", f"{place} cannot be read: {error}."
    # The words of what went wrong below may be those of the site.
    return "http", f"{place} cannot be read: {type(error).__name__}."


def settings_of(crawl: Crawl) -> dict[str, Any]:
    """Return what a crawl asks of Scrapy."""
    politeness = crawl.politeness
    return {
        "ROBOTSTXT_OBEY": politeness.obey_robots,
        "DOWNLOAD_DELAY": politeness.delay_seconds,
        "CONCURRENT_REQUESTS_PER_DOMAIN": politeness.concurrency,
        PRIVATE: crawl.private,
        HOSTS: hosts_of(crawl.start_urls),
    }


def _blocked_message(response: Response) -> str:
    return f"{response.url} answered with a page that keeps robots out."


async def _close_quietly(closing: Coroutine[Any, Any, None]) -> None:
    """Close the engine; the run's end tells why, and whatever goes wrong here is in the log."""
    try:
        await closing
    except Exception:
        log.exception("closing failed")
