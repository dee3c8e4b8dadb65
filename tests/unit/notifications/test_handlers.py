"""A broken line to Celery stops neither the event nor the live message."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from mesto.common.messaging.broker import side_by_side
from mesto.contracts.events import Envelope
from mesto.notifications.deliveries import events as deliveries
from mesto.notifications.deliveries.service import Deliveries
from mesto.notifications.realtime import events as realtime
from mesto.notifications.realtime.service import Realtime
from support.servers.notifications import moved
from support.waiting import eventually_async


class Recorder:
    def __init__(self, delivery: uuid.UUID | None) -> None:
        self.delivery, self.told = delivery, []  # type: ignore[var-annotated]

    async def add_booking_mail(self, _event_id: uuid.UUID, _event: Any) -> uuid.UUID | None:
        return self.delivery

    async def publish_booking(self, user_id: uuid.UUID, booking: Any) -> None:
        self.told.append((user_id, booking.id))


async def _handle(recorder: Recorder, started: list[uuid.UUID], error: Exception | None = None) -> Any:
    def enqueue(delivery_id: uuid.UUID) -> None:
        if error:
            raise error
        started.append(delivery_id)

    event = moved("confirmed", uuid.uuid4())
    envelope = Envelope(id=uuid.uuid4(), type=event.type, time=datetime.now(UTC), payload={})
    handlers = side_by_side(
        realtime.handlers(cast(Realtime, recorder)), deliveries.handlers(cast(Deliveries, recorder), enqueue)
    )
    await handlers[event.type](envelope, event)
    return event


async def test_a_new_transition_is_told_and_its_mail_started() -> None:
    recorder, started = Recorder(uuid.uuid4()), list[uuid.UUID]()
    event = await _handle(recorder, started)
    assert recorder.told == [(event.user_id, event.booking.id)]
    assert started == [recorder.delivery]


async def test_pages_do_not_wait_for_what_notifications_has_to_write() -> None:
    class Slow(Recorder):
        async def add_booking_mail(self, _event_id: uuid.UUID, _event: Any) -> uuid.UUID | None:
            await eventually_async(lambda: self.told, "the page to be told first")
            raise ConnectionError("the database is away")

    recorder = Slow(None)
    with pytest.raises(ConnectionError):
        await _handle(recorder, [])
    assert recorder.told


async def test_a_repeat_is_told_but_starts_no_mail() -> None:
    recorder, started = Recorder(None), list[uuid.UUID]()
    await _handle(recorder, started)
    assert recorder.told
    assert started == []


async def test_a_task_that_cannot_be_started_is_left_to_the_sweep() -> None:
    recorder, started = Recorder(uuid.uuid4()), list[uuid.UUID]()
    await _handle(recorder, started, ConnectionError("no broker"))
    assert recorder.told
