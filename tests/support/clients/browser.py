"""Chromium for journeys: Debian's, without background traffic, in a fixed language and zone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

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
]


@contextmanager
def page_of(language: str, width: int, height: int = 900, zone: str = "Europe/Moscow") -> Iterator[Page]:
    """A page whose uncaught errors fail the test at its end."""
    broken: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        options: dict[str, Any] = {"locale": language, "timezone_id": zone, "reduced_motion": "reduce"}
        if width < 600:
            options |= {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        browser.close()
    assert not broken, broken


def take_screenshot(page: Page, name: str) -> None:
    """A picture for a person to look at, when MESTO_SHOTS names a folder."""
    if folder := os.environ.get("MESTO_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
