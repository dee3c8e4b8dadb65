"""What goes out of the API of bookings that are made."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mesto.booking.bookings.schemas import BookingView
from mesto.booking.lifecycle.records import CancellationPreview
from mesto.contracts.money import Money
from pydantic import BaseModel


class BookingPage(BaseModel):
    """Bookings, the newest first."""

    items: list[BookingView]
    next_cursor: str | None


class DeadlineView(BaseModel):
    """Cancelled until then, this percent comes back."""

    until: datetime
    before_minutes: int
    refund_percent: int


class CancellationView(BaseModel):
    """What cancelling now would give back; ``paid`` and ``refund`` are null when nothing was paid."""

    cancellable: bool
    refund_percent: int
    paid: Money | None
    refund: Money | None
    tiers: list[DeadlineView]


def cancellation_view(preview: CancellationPreview, zone: ZoneInfo) -> CancellationView:
    """Return the preview of a cancellation in the venue's zone."""

    def amount(value: Decimal | None) -> Money | None:
        return None if value is None else Money(amount=value, currency=preview.currency)

    return CancellationView(
        cancellable=preview.cancellable,
        refund_percent=preview.percent,
        paid=amount(preview.paid),
        refund=amount(preview.refund),
        tiers=[
            DeadlineView(
                until=deadline.until.astimezone(zone),
                before_minutes=deadline.before_minutes,
                refund_percent=deadline.percent,
            )
            for deadline in preview.deadlines
        ],
    )
