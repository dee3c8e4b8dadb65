"""Events coming in: transitions of bookings, which their renters' pages show at once."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.common.messaging.broker import Handler
from mesto.contracts.events import EVENT_CLASSES, BookingEvent, Envelope, Event
from mesto.notifications.realtime.service import Realtime


def handlers(realtime: Realtime) -> Mapping[str, Handler]:
    """Return the handlers by event type.

    Repeats are published too: booking has committed the transition already, and states carry revisions.
    """

    async def publish(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, BookingEvent)
        await realtime.publish_booking(event.user_id, event.booking)

    return {name: publish for name, kind in EVENT_CLASSES.items() if issubclass(kind, BookingEvent)}
