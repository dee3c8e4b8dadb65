"""Runs of the real spider: a crawl of a site, started as scrapyd starts it, and what catalog has of it afterwards."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from mesto.contracts.scraping import PROJECT, Crawl
from mestolocal.paths import REPO, venv_bin
from mestolocal.services import spider_environment
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

    def launch(self, crawl: Crawl, **environment: str) -> subprocess.Popen[str]:
        """The spider, running."""
        words = [
            venv_bin("python"),
            "-m",
            "mesto.spiders.runner",
            "crawl",
            "declared",
            "-a",
            f"crawl={crawl.model_dump_json()}",
        ]
        return subprocess.Popen(
            words,
            cwd=REPO / "spiders",
            env=spider_environment(self.platform.wiring) | {"SCRAPY_PROJECT": PROJECT} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, crawl: Crawl | None = None, **environment: str) -> dict[str, Any]:
        """Run the spider to its end; the run as catalog has it. Fails with the spider's log when there is none."""
        crawl = crawl or self.crawl()
        process = self.launch(crawl, **environment)
        output, _ = process.communicate(timeout=120)
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
