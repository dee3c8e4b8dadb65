"""What pages are sent over Socket.IO, by the name of the event."""

from __future__ import annotations

from typing import ClassVar

from mesto.contracts.events import BookingState


class BookingUpdated(BookingState):
    """``booking.updated``: the state of one of the user's bookings after a transition.

    States carry revisions: a page keeps the one with the highest.
    """

    event: ClassVar[str] = "booking.updated"

    @staticmethod
    def of(booking: BookingState) -> BookingUpdated:
        """Return the message about a booking, which is valid already."""
        return BookingUpdated.model_construct(booking.model_fields_set, **dict(booking))


LIVE_EVENTS: dict[str, type[BookingUpdated]] = {BookingUpdated.event: BookingUpdated}
