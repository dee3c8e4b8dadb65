"""Notifications is stopped as in a rollout: the page in the browser loses its line and comes back by itself."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, WebSocket
from support.clients.browser import page_of
from support.clients.people import PASSWORD
from support.servers.platform import Platform
from support.waiting import eventually

pytestmark = pytest.mark.browser


def register(page: Page, gateway: str) -> None:
    page.goto(f"{gateway}/register")
    page.locator("input[name=name]").fill("Anna")
    page.locator("input[name=email]").fill(f"anna-{uuid.uuid4().hex[:8]}@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_test_id("register-submit").click()


def test_a_page_comes_back_to_the_next_process(platform: Platform) -> None:
    lines: list[WebSocket] = []

    def record_frames(line: WebSocket, said: list[str]) -> None:
        line.on("framereceived", lambda frame: said.append(str(frame)))

    said: list[list[str]] = []

    def opened(line: WebSocket) -> None:
        if "socket.io" in line.url:
            lines.append(line)
            said.append([])
            record_frames(line, said[-1])

    with page_of("en", 1280) as page:
        page.on("websocket", opened)
        register(page, platform.gateway)

        def connected(number: int) -> bool:
            page.wait_for_timeout(100)  # lets the page's events come in
            # 40: Socket.IO has accepted the page with its token.
            return len(said) > number and any(frame.startswith("40") for frame in said[number])

        eventually(lambda: connected(0), "the page has its line")
        platform.stop("notifications")
        platform.start("notifications")
        eventually(lambda: connected(len(lines) - 1) and len(lines) > 1, "the page is back")
        assert lines[0].is_closed()
