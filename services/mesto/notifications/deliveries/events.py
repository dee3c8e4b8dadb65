"""Events coming in: transitions of bookings, requests for links, notices; each of them may ask for a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

import structlog
from mesto.common.messaging.broker import Handler
from mesto.contracts.events import (
    EVENT_CLASSES,
    BookingEvent,
    Envelope,
    Event,
    OwnerInvited,
    UserEmailChangeRequested,
    UserRecoveryRequested,
    UserSecurityNotice,
    UserVerificationRequested,
)
from mesto.notifications.deliveries.service import AccountEvent, Deliveries

log = structlog.get_logger(__name__)
ENQUEUE_SECONDS = 5


def handlers(deliveries: Deliveries, enqueue: Callable[[UUID], None]) -> Mapping[str, Handler]:
    """Return the handlers by event type. ``enqueue`` starts the sending of a delivery; when it fails beat finds it."""

    async def booking_changed(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, BookingEvent)
        await _start(enqueue, await deliveries.add_booking_mail(envelope.id, event))

    async def account_mail_asked(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, AccountEvent)
        await _start(enqueue, await deliveries.add_account_mail(envelope.id, event))

    async def owner_invited(envelope: Envelope, event: Event) -> None:
        assert isinstance(event, OwnerInvited)
        await _start(enqueue, await deliveries.add_invitation(envelope.id, event))

    changes = {name: booking_changed for name, kind in EVENT_CLASSES.items() if issubclass(kind, BookingEvent)}
    about_accounts = (
        UserVerificationRequested,
        UserRecoveryRequested,
        UserEmailChangeRequested,
        UserSecurityNotice,
    )
    mails = {event.type: account_mail_asked for event in about_accounts}
    return changes | mails | {OwnerInvited.type: owner_invited}


async def _start(enqueue: Callable[[UUID], None], delivery_id: UUID | None) -> None:
    if delivery_id is None:
        return
    try:
        async with asyncio.timeout(ENQUEUE_SECONDS):
            await asyncio.to_thread(enqueue, delivery_id)
    except Exception as error:
        log.warning("mail_left_to_the_sweep", delivery=str(delivery_id), error=repr(error))
