"""Runs of the real spider: a crawl of a site, by the command of scrapyd, and what catalog has of it afterwards."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mesto.contracts.scraping import PROJECT, Crawl
from mestolocal.paths import REPO, venv_bin
from mestolocal.services import spider_environment
from support import forked
from support.servers.platform import Platform

CARDS: dict[str, Any] = {
    "mode": "selectors",
    "items": {"css": "article"},
    "next": {"css": "a.next::attr(href)"},
    "fields": {
        "name": {"css": "h2::text"},
        "url": {"css": "a.more"},
        "price": {"css": ".price::text"},
        "amenities": {"css": "li::text", "many": True},
        "terms": {"css": ".terms::text"},
    },
}
"""How a site made of ``cards`` is read."""


def cards(*names: str, price: str = "450 ₽/час", following: str = "") -> str:
    """A page with an offer of each name, and a link to the next page."""
    items = "".join(
        f'<article><h2>{name}</h2><a class="more" href="/{number}">→</a><p class="price">{price}</p>'
        f'<ul><li>Wi-Fi</li></ul><p class="terms">Минимум 2 часа</p></article>'
        for number, name in enumerate(names)
    )
    link = f'<a class="next" href="{following}">next</a>' if following else ""
    return f"<!doctype html><html><body>{items}{link}</body></html>"


@dataclass
class Spider:
    """A process that reads a site, and what it has written."""

    process: forked.Started
    log: Path

    def output(self, timeout: float) -> str:
        """All that it wrote, once it has ended. Raises TimeoutExpired."""
        self.process.wait(timeout)
        return self.log.read_text("utf-8")

    def wrote(self, words: str) -> bool:
        """Whether its log has these words so far."""
        return words in self.log.read_text("utf-8")


@dataclass
class Target:
    """One target of a platform and its runs."""

    platform: Platform
    url: str
    name: str = "rival"
    uid: uuid.UUID = field(default_factory=uuid.uuid4)

    def crawl(self, **changes: Any) -> Crawl:
        """A run of it; private addresses are allowed and nothing is waited for, unless ``changes`` say otherwise."""
        whole: dict[str, Any] = {
            "run": f"run-{uuid.uuid4().hex[:12]}",
            "target": str(self.uid),
            "namespace": "moscow",
            "name": self.name,
            "start_urls": [self.url],
            "politeness": {"delay_seconds": 0},
            "defaults": {"city": "moscow", "currency": "RUB", "language": "ru"},
            "extract": CARDS,
            "private": True,
        }
        return Crawl.model_validate(whole | changes)

    def launch(self, crawl: Crawl, *, by_exec: bool = False, **environment: str) -> Spider:
        """The spider, running: forked from a process that has its libraries, or by an exec as scrapyd starts it."""
        command = [venv_bin("python"), "-m", "mesto.spiders.runner"]
        command += ["crawl", "declared", "-a", f"crawl={crawl.model_dump_json()}"]
        whole = spider_environment(self.platform.wiring) | {"SCRAPY_PROJECT": PROJECT} | environment
        log = self.platform.logs / f"spider-{crawl.run}-{uuid.uuid4().hex[:6]}.log"
        start = forked.start_by_exec if by_exec else forked.start
        return Spider(start(command, environment=whole, cwd=REPO / "spiders", log=log), log)

    def run(self, crawl: Crawl | None = None, *, by_exec: bool = False, **environment: str) -> dict[str, Any]:
        """Run the spider to its end; the run as catalog has it. Fails with the spider's log when there is none."""
        crawl = crawl or self.crawl()
        output = self.launch(crawl, by_exec=by_exec, **environment).output(timeout=120)
        if os.environ.get("MESTO_TEST_VERBOSE"):
            print(output)
        runs = {run["id"]: run for run in self.state()["runs"]}
        assert crawl.run in runs, output
        return dict(runs[crawl.run], log=output)

    def state(self) -> dict[str, Any]:
        """Catalog's state of the target; without runs before the first one."""
        with self.platform.internal_client("catalog", "operator") as client:
            answer = client.get(f"/internal/scrape-targets/{self.uid}")
        if answer.status_code == 404:
            return {"runs": [], "offers": 0}
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    def shown(self) -> list[dict[str, Any]]:
        """All its offers that the public sees."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            params = {"target": self.name, "limit": "100", **({"cursor": cursor} if cursor else {})}
            answer = httpx.get(
                f"{self.platform.url('catalog')}/api/catalog/competitor-offers",
                params=params,
                timeout=30,
                trust_env=False,
            )
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            cursor = answer.json()["next_cursor"] or ""
            if not cursor:
                return items
