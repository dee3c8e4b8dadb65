"""Events that come in: people from auth, transitions of bookings from booking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

import structlog
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import (
    EVENT_CLASSES,
    BookingEvent,
    BookingState,
    Envelope,
    Event,
    UserChanged,
    UserRemoved,
    UserVerificationRequested,
)
from mesto.notifications.deliveries.service import Inbound

log = structlog.get_logger(__name__)
ENQUEUE_SECONDS = 5


class Tells(Protocol):
    """What tells users live."""

    async def booking_updated(self, user_id: UUID, booking: BookingState) -> None:
        """Tell one user about one booking."""


def handlers(inbound: Inbound, live: Tells, enqueue: Callable[[UUID], None]) -> dict[str, Handler]:
    """What to do with each type of event. ``enqueue`` starts the sending of a delivery; it may fail, beat looks too."""

    async def booking_moved(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, BookingEvent)
        # Told at once and for repeats too: booking has committed the transition already, and states carry revisions.
        told = asyncio.create_task(live.booking_updated(event.user_id, event.booking))
        try:
            delivery_id = await inbound.booking_moved(envelope.id, event)
        finally:
            await told
        if delivery_id is not None:
            await _start(enqueue, delivery_id)

    async def verification_requested(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, UserVerificationRequested)
        delivery_id = await inbound.verification_requested(envelope.id, event)
        if delivery_id is not None:
            await _start(enqueue, delivery_id)

    moves = {name: booking_moved for name, kind in EVENT_CLASSES.items() if issubclass(kind, BookingEvent)}
    people = (on(UserChanged, inbound.user_changed), on(UserRemoved, inbound.user_removed))
    return dict(people) | moves | {UserVerificationRequested.type: verification_requested}


async def _start(enqueue: Callable[[UUID], None], delivery_id: UUID) -> None:
    try:
        async with asyncio.timeout(ENQUEUE_SECONDS):
            await asyncio.to_thread(enqueue, delivery_id)
    except Exception as error:
        log.warning("mail_left_to_the_sweep", delivery=str(delivery_id), error=repr(error))
