"""Events coming in: transitions of bookings and requests for links, each of which may ask for a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

import structlog
from mesto.common.messaging.broker import Handler
from mesto.contracts.events import EVENT_CLASSES, BookingEvent, Envelope, Event, UserVerificationRequested
from mesto.notifications.deliveries.service import Deliveries

log = structlog.get_logger(__name__)
ENQUEUE_SECONDS = 5


def handlers(deliveries: Deliveries, enqueue: Callable[[UUID], None]) -> Mapping[str, Handler]:
    """Return the handlers by event type. ``enqueue`` starts the sending of a delivery; when it fails beat finds it."""

    async def booking_changed(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, BookingEvent)
        await _start(enqueue, await deliveries.add_booking_mail(envelope.id, event))

    async def verification_requested(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, UserVerificationRequested)
        await _start(enqueue, await deliveries.add_verification_mail(envelope.id, event))

    changes = {name: booking_changed for name, kind in EVENT_CLASSES.items() if issubclass(kind, BookingEvent)}
    return changes | {UserVerificationRequested.type: verification_requested}


async def _start(enqueue: Callable[[UUID], None], delivery_id: UUID | None) -> None:
    if delivery_id is None:
        return
    try:
        async with asyncio.timeout(ENQUEUE_SECONDS):
            await asyncio.to_thread(enqueue, delivery_id)
    except Exception as error:
        log.warning("mail_left_to_the_sweep", delivery=str(delivery_id), error=repr(error))
