"""What goes in and out of the API of payments."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from mesto.booking.bookings.schemas import BookingView, Request
from pydantic import BaseModel


class NewPayment(Request):
    provider: Literal["sandbox"]


class SandboxOutcome(Request):
    outcome: Literal["succeeded", "failed"]


class PaymentStarted(BaseModel):
    """Where the payment goes on."""

    payment_id: UUID
    redirect_url: str


class PaymentView(BaseModel):
    """A settled payment."""

    id: UUID
    status: Literal["succeeded", "failed", "refunded", "partially_refunded"]


class PaidBooking(BookingView):
    """The booking after its payment was settled."""

    payment: PaymentView
