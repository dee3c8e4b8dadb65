"""The public API of bookings that are made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from mesto.booking.bookings.records import Booking
from mesto.booking.bookings.schemas import BookingView, booking_view
from mesto.booking.bookings.service import booking_state
from mesto.booking.lifecycle.schemas import BookingPage, CancellationView, cancellation_view
from mesto.booking.lifecycle.service import Lifecycle
from mesto.booking.transactions import in_utc
from mesto.common.http import pages
from mesto.common.http.api import InLanguage, Router, problems
from mesto.common.identity.tokens import CurrentUser
from mesto.contracts.events import BookingStatus
from mesto.contracts.fields import Plain
from mesto.contracts.text import Language

router = Router()


async def _lifecycle(request: Request) -> Lifecycle:
    lifecycle: Lifecycle = request.app.state.booking.lifecycle
    return lifecycle


Service = Annotated[Lifecycle, Depends(_lifecycle)]


def _seen_by(user_id: UUID, booking: Booking, language: Language) -> BookingView:
    return booking_view(booking_state(booking), language, mine=booking.user_id == user_id)


@router.get("/bookings", tags=["bookings"], responses=problems(403))
async def list_bookings(
    user: CurrentUser,
    lifecycle: Service,
    language: InLanguage,
    side: Annotated[Literal["renter", "owner"], Query(alias="as")] = "renter",
    status: BookingStatus | None = None,
    cursor: Annotated[Plain | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BookingPage:
    """One's own bookings, or (``as=owner``) those of one's spaces; the newest first."""
    after = None if cursor is None else _after(cursor)
    found = await lifecycle.list_page(user.user_id, as_owner=side == "owner", status=status, after=after, limit=limit)
    shown = found[:limit]
    more = len(found) > limit
    return BookingPage(
        items=[_seen_by(user.user_id, booking, language) for booking in shown],
        next_cursor=pages.encode_cursor([shown[-1].created_at.isoformat(), shown[-1].id]) if more else None,
    )


def _after(cursor: str) -> tuple[datetime, UUID]:
    moment, booking_id = pages.decode_cursor(cursor, 2)
    try:
        return in_utc(datetime.fromisoformat(moment)), UUID(booking_id)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise pages.wrong_cursor() from None


@router.get("/bookings/{booking_id}", tags=["bookings"], responses=problems(404))
async def get_booking(user: CurrentUser, lifecycle: Service, language: InLanguage, booking_id: UUID) -> BookingView:
    """A booking, for its renter and for the owner of its space."""
    return _seen_by(user.user_id, await lifecycle.get(user.user_id, booking_id), language)


@router.get("/bookings/{booking_id}/cancellation", tags=["bookings"], responses=problems(404))
async def preview_cancellation(user: CurrentUser, lifecycle: Service, booking_id: UUID) -> CancellationView:
    """What cancelling now would give back."""
    booking = await lifecycle.get(user.user_id, booking_id)
    preview = await lifecycle.preview(user.user_id, booking_id)
    return cancellation_view(preview, ZoneInfo(booking.time_zone))


@router.post("/bookings/{booking_id}/cancel", tags=["bookings"], responses=problems(404, 409))
async def cancel_booking(user: CurrentUser, lifecycle: Service, language: InLanguage, booking_id: UUID) -> BookingView:
    """Cancel: a renter gets back what the booking's tiers say, from an owner everything comes back."""
    return _seen_by(user.user_id, await lifecycle.cancel(user.user_id, booking_id), language)


@router.post("/bookings/{booking_id}/approve", tags=["bookings"], responses=problems(403, 404, 409))
async def approve_booking(user: CurrentUser, lifecycle: Service, language: InLanguage, booking_id: UUID) -> BookingView:
    """The owner accepts a request."""
    booking = await lifecycle.decide(user.user_id, booking_id, approve=True)
    return _seen_by(user.user_id, booking, language)


@router.post("/bookings/{booking_id}/decline", tags=["bookings"], responses=problems(403, 404, 409))
async def decline_booking(user: CurrentUser, lifecycle: Service, language: InLanguage, booking_id: UUID) -> BookingView:
    """The owner declines a request; the renter gets everything back."""
    booking = await lifecycle.decide(user.user_id, booking_id, approve=False)
    return _seen_by(user.user_id, booking, language)
