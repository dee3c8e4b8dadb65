"""A broker that is silent, broken or slow: requests do not wait for it, events and tasks wait, all comes back."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.fakes.listener import Listener, listening
from support.faults.concurrent_requests import assert_answers, send_all
from support.faults.network_faults import BROKEN, HARMLESS
from support.servers.booking import Venue, space_event
from support.waiting import eventually_async

pytestmark = pytest.mark.usefixtures("same_processes")


@pytest.fixture
async def listener(weak: Any) -> AsyncIterator[Listener]:
    async with listening(weak.platform.rabbitmq.url(weak.platform.vhost)) as listener:
        yield listener


@pytest.mark.parametrize("kind", [*BROKEN, *HARMLESS])
async def test_events_wait_and_go_through_once_it_answers(
    weak: Any, venue: Venue, listener: Listener, kind: str
) -> None:
    spaces = [space_event() for _ in range(6)]
    users = [(uuid.uuid4(), hour, uuid.uuid4().hex) for hour in range(9, 15)]
    for event in spaces[:3]:
        await listener.publish(event)
    with weak.broker.fault(kind):
        outcomes = await send_all([weak.request(user, venue, hour, key) for user, hour, key in users])
        assert [outcome.status for outcome in outcomes] == [201] * len(users), "bookings do not need the broker"
        for event in spaces[3:]:
            await listener.publish(event)
        if kind in BROKEN:
            for process in ("booking", "booking-worker", "booking-beat"):
                await asyncio.to_thread(weak.misses, "broker", process)
            assert_answers(await send_all([weak.bookings_request(users[0][0])]), 200)
    await asyncio.to_thread(weak.recovers, "booking", "booking-worker", "booking-beat")
    ids = {str(event.space_id) for event in spaces}
    await eventually_async(
        lambda: ids <= set(listener.values_of("space.applied", "space_id")), "every space is applied"
    )
    made = {outcome.answer.json()["id"] for outcome in outcomes if outcome.answer is not None}
    await eventually_async(lambda: made <= set(listener.values_of("booking.held", "id")), "every hold is told")
    await eventually_async(lambda: not weak.site.sql("SELECT 1 FROM booking.outbox"), "the outbox is empty")
    for event in spaces:
        found = weak.site.sql("SELECT count(*) FROM booking.resources WHERE space_id = %s", event.space_id)
        assert found == [(1,)]


@pytest.mark.parametrize("kind", ["silent", "reset"])
async def test_celery_goes_on_where_it_was(weak: Any, venue: Venue, kind: str) -> None:
    user_id = uuid.uuid4()
    [outcome] = await send_all([weak.request(user_id, venue, 12, uuid.uuid4().hex)])
    assert outcome.answer is not None
    booking_id = outcome.answer.json()["id"]
    with weak.broker.fault(kind):
        for process in ("booking-worker", "booking-beat"):
            await asyncio.to_thread(weak.misses, "broker", process)
        weak.site.run_out(booking_id)
    await eventually_async(lambda: weak.site.history(booking_id)[-1:] == ["expired"], "beat and worker swept")
    assert weak.site.history(booking_id) == ["held", "expired"]
    await asyncio.to_thread(weak.recovers, "booking-worker", "booking-beat")


async def test_the_relay_lets_go_of_its_rows_while_the_broker_is_silent(weak: Any, venue: Venue) -> None:
    with weak.broker.fault("silent"):
        outcomes = await send_all([weak.request(uuid.uuid4(), venue, 18, uuid.uuid4().hex)])
        assert [outcome.status for outcome in outcomes] == [201]
        row = "SELECT body FROM booking.outbox WHERE type = 'booking.held' FOR UPDATE SKIP LOCKED"

        def free() -> bool:
            found = weak.site.sql(row)
            return bool(found) and json.loads(found[-1][0])["type"] == "booking.held"

        await eventually_async(free, "the row is not locked between attempts")
    await eventually_async(lambda: not weak.site.sql("SELECT 1 FROM booking.outbox"), "the outbox is empty")
