"""What pages are sent is the booking's state, to the letter."""

from __future__ import annotations

import uuid

from mesto.contracts.live import LIVE_EVENTS, BookingUpdated
from support.servers.notifications import moved


def test_a_booking_is_sent_as_its_state_is() -> None:
    booking = moved("confirmed", uuid.uuid4(), refund={"amount": "750.00", "currency": "RUB"}).booking
    message = BookingUpdated.of(booking)
    assert message.model_dump_json() == booking.model_dump_json()
    assert LIVE_EVENTS["booking.updated"].model_validate(message.model_dump(mode="json")) == message
