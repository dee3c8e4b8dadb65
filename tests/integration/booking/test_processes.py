"""Whole processes: events in and out over RabbitMQ, and Celery's worker and beat doing what is due."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from faststream.rabbit import RabbitQueue
from mesto.common.messaging.broker import EVENTS, Broker
from mesto.contracts.events import Envelope
from support import forked
from support.servers.booking import Site, Venue, at, space_event, start_site, stop_site, wish
from support.waiting import eventually, eventually_async


@pytest.fixture
def connected_site(
    fresh_database_urls: Any, fresh_broker_url: str, booking_signer: Any, key_folders: Any, tmp_path: Any
) -> Iterator[Site]:
    """A booking process with a broker."""
    url = fresh_database_urls["booking"]
    site = start_site(fresh_database_urls.admin, url, booking_signer, key_folders, tmp_path, fresh_broker_url)
    eventually(lambda: httpx.get(f"{site.internal}/readyz").status_code == 200, "booking to be ready")
    yield site
    stop_site(site)


@pytest.fixture
def celery_processes(connected_site: Site, fresh_broker_url: str, tmp_path: Any) -> Iterator[None]:
    """Celery's worker and beat of booking."""
    environment = {
        **os.environ,
        "MESTO_BROKER_URL": fresh_broker_url,
        "MESTO_BOOKING_DATABASE_URL": connected_site.service_url,
    }
    command = [sys.executable, "-m", "celery", "-A", "mesto.booking.worker:app"]
    processes = []
    for arguments in (
        ["worker", "-P", "threads", "-c", "2", "-Q", "booking", "--without-gossip", "--without-mingle"],
        ["beat", "-s", str(tmp_path / "beat")],
    ):
        log = tmp_path / f"{arguments[0]}.log"
        processes.append(forked.start([*command, *arguments], environment=environment, cwd=tmp_path, log=log))
    yield
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)


def envelope(event: Any) -> bytes:
    payload = event.model_dump(mode="json")
    return (
        Envelope(id=uuid.uuid4(), type=event.type, time=datetime.now(UTC), payload=payload).model_dump_json().encode()
    )


async def test_a_space_arrives_and_what_happens_leaves(
    connected_site: Site, celery_processes: None, fresh_broker_url: str
) -> None:
    site, event = connected_site, space_event()
    heard: list[dict[str, Any]] = []
    broker = Broker(fresh_broker_url, "listener", None)
    queue = RabbitQueue("listener", auto_delete=True, routing_key="#")
    broker.rabbit.subscriber(queue, exchange=EVENTS)(lambda body: heard.append(body))
    await broker.start()
    try:
        for _ in range(2):
            await broker.publish(event.type, envelope(event))
        await eventually_async(lambda: "space.applied" in [event["type"] for event in heard], "space.applied")
        venue = Venue(event.space_id, event.resources[0].id, event)
        user_id = uuid.uuid4()
        booking = site.book(user_id, wish(venue, at(10), at(11))).json()
        site.run_out(booking["id"])
        await eventually_async(
            lambda: site.get(user_id, f"/bookings/{booking['id']}").json()["status"] == "expired",
            "beat and worker to let the hold run out",
        )
        await eventually_async(lambda: "booking.expired" in [event["type"] for event in heard], "booking.expired")
        ours = [event["type"] for event in heard if event["type"] != "space.changed"]
        assert ours == ["space.applied", "booking.held", "booking.expired"]
        assert heard[-1]["payload"]["booking"]["status"] == "expired"
    finally:
        await broker.stop()
