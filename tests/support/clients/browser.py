"""Chromium for journeys: Debian's, without background traffic, in a fixed language and zone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = os.environ.get("MESTO_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Only maps need the software that plays a graphics card; a whole page painted by it takes six times as long.
    "--disable-gpu-compositing",
]
# What a page is waited for: it may be drawn while other tests have the processors.
SECONDS = 30
expect.set_options(timeout=SECONDS * 1000)
_shared: list[Browser] = []


@contextmanager
def _launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def one_browser() -> Iterator[None]:
    """While inside, every page is of one browser, which costs two seconds to start; none sees another's storage."""
    with _launched() as browser:
        _shared.append(browser)
        yield
        _shared.remove(browser)


@contextmanager
def page_of(language: str, width: int, height: int = 900, zone: str = "Europe/Moscow") -> Iterator[Page]:
    """A page of a context of its own, whose uncaught errors fail the test at its end."""
    broken: list[str] = []
    with nullcontext(_shared[0]) if _shared else _launched() as browser:
        options: dict[str, Any] = {"locale": language, "timezone_id": zone, "reduced_motion": "reduce"}
        if width < 600:
            options |= {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
        with browser.new_context(viewport={"width": width, "height": height}, **options) as context:
            context.set_default_timeout(SECONDS * 1000)
            page = context.new_page()
            page.on("pageerror", lambda error: broken.append(str(error)))
            yield page
    assert not broken, broken


def take_screenshot(page: Page, name: str) -> None:
    """A picture for a person to look at, when MESTO_SHOTS names a folder."""
    if folder := os.environ.get("MESTO_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
