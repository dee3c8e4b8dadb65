"""Public routes of booking: parse, call, answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Header, Query, Request, Response
from mesto.booking.api import models
from mesto.booking.service import Bookings, core
from mesto.booking.service.holds import Rendering, Renter, Wanted, in_utc
from mesto.booking.store.keys import Answer
from mesto.common import errors
from mesto.common.errors import FieldError, Problem
from mesto.common.http import pages
from mesto.common.http.api import AcceptLanguage, InLanguage, Router, problems
from mesto.common.http.language import negotiate
from mesto.common.identity.tokens import CurrentUser
from mesto.contracts.events import BookingState, BookingStatus
from mesto.contracts.fields import Plain

router = Router()


async def _bookings(request: Request) -> Bookings:
    bookings: Bookings = request.app.state.bookings
    return bookings


Service = Annotated[Bookings, Depends(_bookings)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


def _rendering(request: Request, language: str) -> Rendering:
    def booking(state: BookingState) -> Answer:
        return Answer(201, "application/json", models.view(state, language).model_dump_json().encode())

    def problem(found: Problem) -> Answer:
        return Answer(found.status, errors.MEDIA_TYPE, bytes(errors.respond(request, found).body))

    return Rendering(booking, problem)


def _seen_by(user_id: UUID, booking: core.Booking, language: str) -> models.BookingView:
    return models.view(core.state(booking), language, mine=booking["user_id"] == user_id)


@router.get("/resources/{resource_id}/availability", tags=["availability"], responses=problems(404))
async def get_availability(
    service: Service,
    resource_id: UUID,
    since: Annotated[models.QueryTime, Query(alias="from")],
    until: Annotated[models.QueryTime, Query(alias="to")],
    seats: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> models.AvailabilityView:
    """Slots of a resource that begin in the time (31 days at most), and whether so many seats are free in each."""
    found = await service.availability.slots(resource_id, in_utc(since), in_utc(until), seats)
    return models.availability_view(resource_id, found, ZoneInfo(found.time_zone))


@router.post("/quotes", tags=["availability"], responses=problems(404, 409))
async def quote(service: Service, language: InLanguage, body: models.NewQuote) -> models.QuoteView:
    """What a booking would cost, line by line, and its terms. Nothing is held, and no sign-in is needed."""
    if body.promo_code is not None:
        refusal = "There are no promotions yet: leave the code out."
        raise Problem(422, "unknown-promotion", refusal, errors=[FieldError(field="promo_code", message=refusal)])
    wanted = Wanted(body.resource_id, in_utc(body.start), in_utc(body.end), body.seats)
    return models.quote_view(await service.quotes.quote(wanted), language)


_HELD: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "Idempotent-Replayed": {
                "description": "There when the answer is the one of an earlier request with this Idempotency-Key.",
                "schema": {"const": "true"},
            }
        }
    },
    **problems(404, 409, 429),
}


@router.post("/bookings", status_code=201, response_model=models.BookingView, tags=["bookings"], responses=_HELD)
async def create_booking(
    request: Request, user: CurrentUser, key: Key, body: models.NewBooking, accept_language: AcceptLanguage = ""
) -> Response:
    """Hold seats until ``expires_at``. Repeated with its Idempotency-Key, the request gets the same answer."""
    # The hot route does without two dependencies: FastAPI takes as long for them as the rules do.
    service, language = await _bookings(request), negotiate(accept_language)
    wanted = Wanted(body.resource_id, in_utc(body.start), in_utc(body.end), body.seats)
    renter = Renter(user.user_id, user.email_verified)
    outcome = await service.holds.hold(renter, key, wanted, _rendering(request, language))
    answer, content = outcome.answer, outcome.answer.body
    if outcome.replayed and answer.media_type == errors.MEDIA_TYPE:
        # The same refusal, but of this request: its id is the one to look for in the logs.
        content = orjson.dumps({**orjson.loads(content), "request_id": request.scope["request_id"]})
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else None
    return Response(content, answer.status, headers, answer.media_type)


@router.get("/bookings", tags=["bookings"], responses=problems(403))
async def list_bookings(
    user: CurrentUser,
    service: Service,
    language: InLanguage,
    side: Annotated[Literal["renter", "owner"], Query(alias="as")] = "renter",
    status: BookingStatus | None = None,
    cursor: Annotated[Plain | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> models.BookingPage:
    """One's own bookings, or (``as=owner``) those of one's spaces; the newest first."""
    after = None if cursor is None else _after(cursor)
    rows = await service.lifecycle.list(user.user_id, as_owner=side == "owner", status=status, after=after, limit=limit)
    shown = rows[:limit]
    more = len(rows) > limit
    return models.BookingPage(
        items=[_seen_by(user.user_id, row, language) for row in shown],
        next_cursor=pages.encode_cursor([shown[-1]["created_at"].isoformat(), shown[-1]["id"]]) if more else None,
    )


def _after(cursor: str) -> tuple[datetime, UUID]:
    moment, booking_id = pages.decode_cursor(cursor, 2)
    try:
        return in_utc(datetime.fromisoformat(moment)), UUID(booking_id)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise pages.wrong_cursor() from None


@router.get("/bookings/{booking_id}", tags=["bookings"], responses=problems(404))
async def get_booking(
    user: CurrentUser, service: Service, language: InLanguage, booking_id: UUID
) -> models.BookingView:
    """A booking, for its renter and for the owner of its space."""
    return _seen_by(user.user_id, await service.lifecycle.get(user.user_id, booking_id), language)


@router.post("/bookings/{booking_id}/payments", status_code=201, tags=["payments"], responses=problems(404, 409))
async def start_payment(
    user: CurrentUser, service: Service, booking_id: UUID, body: models.NewPayment
) -> models.PaymentStarted:
    """Start paying; an open payment is answered again."""
    payment_id = await service.payments.start(user.user_id, booking_id, body.provider)
    return models.PaymentStarted(payment_id=payment_id, redirect_url=f"/api/booking/sandbox/payments/{payment_id}")


@router.post("/sandbox/payments/{payment_id}", tags=["payments"], responses=problems(404, 409))
async def settle_sandbox_payment(
    user: CurrentUser, service: Service, language: InLanguage, payment_id: UUID, body: models.SandboxOutcome
) -> models.PaidBooking:
    """Play the payment provider. 409 ``hold-expired``: the money came too late and went back."""
    settled = await service.payments.settle(user.user_id, payment_id, body.outcome == "succeeded")
    payment = models.PaymentView.model_validate({"id": settled.payment_id, "status": settled.payment_status})
    if settled.refunded_late:
        raise Problem(
            409,
            "hold-expired",
            "The hold had run out and the seats could not be had again. Your money has been returned.",
            booking_status=settled.booking["status"],
            payment=payment.model_dump(mode="json"),
        )
    shown = models.view(core.state(settled.booking), language)
    return models.PaidBooking(**dict(shown), payment=payment)


@router.get("/bookings/{booking_id}/cancellation", tags=["bookings"], responses=problems(404))
async def preview_cancellation(user: CurrentUser, service: Service, booking_id: UUID) -> models.CancellationView:
    """What cancelling now would give back."""
    booking = await service.lifecycle.get(user.user_id, booking_id)
    preview = await service.lifecycle.preview(user.user_id, booking_id)
    return models.cancellation_view(preview, ZoneInfo(booking["time_zone"]))


@router.post("/bookings/{booking_id}/cancel", tags=["bookings"], responses=problems(404, 409))
async def cancel_booking(
    user: CurrentUser, service: Service, language: InLanguage, booking_id: UUID
) -> models.BookingView:
    """Cancel: a renter gets back what the booking's tiers say, from an owner everything comes back."""
    return _seen_by(user.user_id, await service.lifecycle.cancel(user.user_id, booking_id), language)


@router.post("/bookings/{booking_id}/approve", tags=["bookings"], responses=problems(403, 404, 409))
async def approve_booking(
    user: CurrentUser, service: Service, language: InLanguage, booking_id: UUID
) -> models.BookingView:
    """The owner accepts a request."""
    booking = await service.lifecycle.answer(user.user_id, booking_id, approve=True)
    return _seen_by(user.user_id, booking, language)


@router.post("/bookings/{booking_id}/decline", tags=["bookings"], responses=problems(403, 404, 409))
async def decline_booking(
    user: CurrentUser, service: Service, language: InLanguage, booking_id: UUID
) -> models.BookingView:
    """The owner declines a request; the renter gets everything back."""
    booking = await service.lifecycle.answer(user.user_id, booking_id, approve=False)
    return _seen_by(user.user_id, booking, language)
