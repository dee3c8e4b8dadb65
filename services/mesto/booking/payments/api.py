"""The public API of payments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from mesto.booking.bookings.schemas import booking_view
from mesto.booking.bookings.service import booking_state
from mesto.booking.payments.schemas import NewPayment, PaidBooking, PaymentStarted, PaymentView, SandboxOutcome
from mesto.booking.payments.service import Payments
from mesto.common.errors import Problem
from mesto.common.http.api import InLanguage, Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _payments(request: Request) -> Payments:
    payments: Payments = request.app.state.booking.payments
    return payments


Service = Annotated[Payments, Depends(_payments)]


@router.post("/bookings/{booking_id}/payments", status_code=201, tags=["payments"], responses=problems(404, 409))
async def start_payment(user: CurrentUser, payments: Service, booking_id: UUID, body: NewPayment) -> PaymentStarted:
    """Start paying; an open payment is answered again."""
    payment_id = await payments.start(user.user_id, booking_id, body.provider)
    return PaymentStarted(payment_id=payment_id, redirect_url=f"/api/booking/sandbox/payments/{payment_id}")


@router.post("/sandbox/payments/{payment_id}", tags=["payments"], responses=problems(404, 409))
async def settle_sandbox_payment(
    user: CurrentUser, payments: Service, language: InLanguage, payment_id: UUID, body: SandboxOutcome
) -> PaidBooking:
    """Play the payment provider. 409 ``hold-expired``: the money came too late and went back."""
    settled = await payments.settle(user.user_id, payment_id, body.outcome == "succeeded")
    payment = PaymentView.model_validate({"id": settled.payment_id, "status": settled.payment_status})
    if settled.refunded_late:
        raise Problem(
            409,
            "hold-expired",
            "The hold had run out and the seats could not be had again. Your money has been returned.",
            booking_status=settled.booking.status,
            payment=payment.model_dump(mode="json"),
        )
    shown = booking_view(booking_state(settled.booking), language)
    return PaidBooking(**dict(shown), payment=payment)
