"""SIGTERM to a service: what is in hand ends, nothing new is taken, nothing is lost, the exit code is 0."""

from __future__ import annotations

import asyncio
import http.client
import signal
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from support.fakes.listener import listening
from support.servers.booking import Signer, Site, space_event, start_site
from support.waiting import eventually_async

STOP_SECONDS = 60


@pytest.fixture
def start(
    fresh_database_urls: Any, fresh_broker_url: str, signer: Signer, key_folders: Any, tmp_path: Path
) -> Iterator[Callable[[], Site]]:
    """Starts booking processes of one installation, one after another; each is ready."""
    sites: list[Site] = []

    def begin() -> Site:
        folder = tmp_path / str(len(sites))
        folder.mkdir()
        urls = fresh_database_urls
        site = start_site(urls.admin, urls["booking"], signer, key_folders, folder, fresh_broker_url)
        sites.append(site)
        return site

    yield begin
    for site in sites:
        site.http.close()
        site.process.kill()
        site.process.wait()


def refuses(url: str) -> bool:
    address = urlsplit(url)
    line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        line.request("GET", address.path or "/")
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return True
    finally:
        line.close()
    return False


def idle_line(base: str) -> socket.socket:
    """A connection that was asked once and is kept for more."""
    line = socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), timeout=30)
    line.sendall(b"GET /api/booking/nothing HTTP/1.1\r\nHost: mesto\r\n\r\n")
    answer = http.client.HTTPResponse(line)
    answer.begin()
    assert answer.status == 404
    assert answer.read(), "read to its end: what comes after it on this line is something else"
    return line


async def test_a_request_in_hand_is_answered_and_nothing_new_is_taken(start: Any, locked: Any, waits: Any) -> None:
    site = await asyncio.to_thread(start)
    line = idle_line(site.base)
    with locked(site.admin, "booking.bookings"):
        request = asyncio.create_task(asyncio.to_thread(site.get, uuid.uuid4(), "/bookings"))
        await eventually_async(lambda: waits(site.admin, "mesto-booking"), "the request waits for the table")
        site.process.send_signal(signal.SIGTERM)
        await eventually_async(lambda: refuses(site.base), "new connections are refused")
        # Each of the two servers looks for itself, ten times a second, whether it has to end.
        await eventually_async(lambda: refuses(f"{site.internal}/readyz"), "the internal port refuses, too")
        assert await asyncio.to_thread(line.recv, 1) == b"", "an idle connection is closed"
        assert not request.done()
    answer = await request
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"
    assert await asyncio.to_thread(site.process.wait, STOP_SECONDS) == 0
    line.close()


async def test_a_second_signal_ends_it_there_and_then(start: Any, locked: Any, waits: Any) -> None:
    site = await asyncio.to_thread(start)
    with locked(site.admin, "booking.bookings"):
        request = asyncio.create_task(asyncio.to_thread(site.get, uuid.uuid4(), "/bookings"))
        await eventually_async(lambda: waits(site.admin, "mesto-booking"), "the request waits for the table")
        site.process.send_signal(signal.SIGTERM)
        await eventually_async(lambda: refuses(site.base), "new connections are refused")
        site.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(site.process.wait, STOP_SECONDS) == -signal.SIGTERM
        with pytest.raises(httpx.TransportError):
            await request


async def test_while_it_drains_it_serves_and_says_that_it_is_not_ready(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESTO_DRAIN_SECONDS", "4")
    site = await asyncio.to_thread(start)
    before = site.http.get("/api/booking/openapi.json")
    assert "connection" not in before.headers
    site.process.send_signal(signal.SIGTERM)

    def unready() -> bool:
        answer = httpx.get(f"{site.internal}/readyz", timeout=10, trust_env=False)
        return answer.status_code == 503 and answer.json()["ready"] is False

    await eventually_async(unready, "it is not ready")
    during = site.http.get("/api/booking/openapi.json")
    assert (during.status_code, during.headers["connection"]) == (200, "close")
    assert await asyncio.to_thread(site.process.wait, STOP_SECONDS) == 0


@pytest.mark.parametrize("released", [True, False], ids=["ends in time", "does not end"])
async def test_an_event_in_hand_is_finished_or_goes_back(
    start: Any, locked: Any, waits: Any, fresh_broker_url: str, released: bool
) -> None:
    site, event = await asyncio.to_thread(start), space_event()
    count = "SELECT count(*) FROM booking.resources WHERE space_id = %s"
    async with listening(fresh_broker_url) as listener:
        await eventually_async(lambda: _ready(site), "booking is ready")
        with locked(site.admin, "booking.resources"):
            await listener.publish(event)
            await eventually_async(lambda: waits(site.admin, "mesto-booking"), "the event waits for the table")
            site.process.send_signal(signal.SIGTERM)
            await eventually_async(lambda: refuses(site.internal), "it is stopping")
            if not released:
                assert await asyncio.to_thread(site.process.wait, STOP_SECONDS) == 0
        assert await asyncio.to_thread(site.process.wait, STOP_SECONDS) == 0
        assert site.sql(count, event.space_id) == [(1 if released else 0,)]
        other = await asyncio.to_thread(start)
        space = str(event.space_id)
        await eventually_async(lambda: space in listener.values_of("space.applied", "space_id"), "the space is applied")
        await eventually_async(lambda: not other.sql("SELECT 1 FROM booking.outbox"), "the outbox is empty")
        assert other.sql(count, event.space_id) == [(1,)]
        assert listener.values_of("space.applied", "space_id") == [space]


def _ready(site: Site) -> bool:
    return httpx.get(f"{site.internal}/readyz", timeout=10, trust_env=False).status_code == 200
