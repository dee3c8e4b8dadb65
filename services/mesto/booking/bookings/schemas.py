"""Bodies of booking's public API."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from mesto.booking.domain.rules import Slot
from mesto.booking.domain.wording import priced_in_words
from mesto.booking.service.availability import Available
from mesto.booking.service.lifecycle import Preview
from mesto.booking.service.quotes import Priced
from mesto.contracts.events import BookingState, BookingStatus, RefundTier
from mesto.contracts.fields import Count, Instant, Plain
from mesto.contracts.money import Money, Per
from mesto.contracts.text import Text
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SlotReason = Literal["past", "notice", "too_far", "full", "too_many_seats", "unpublished", "no_price"]
BLANK_OFFSET = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")


def _plus_again(value: Any) -> Any:
    # A "+" that was not escaped in a query arrives as a blank.
    return BLANK_OFFSET.sub("+", value) if isinstance(value, str) else value


QueryTime = Annotated[Instant, BeforeValidator(_plus_again)]


class Request(BaseModel):
    """Base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewBooking(Request):
    """A time and a number of seats to hold."""

    resource_id: UUID
    start: Instant
    end: Instant
    seats: Count = Field(default=1, ge=1, le=10_000)


class NewQuote(NewBooking):
    """A time and a number of seats to be told the price of."""

    promo_code: Annotated[Plain, Field(max_length=64)] | None = None


class LineView(BaseModel):
    """What a part of the total is made of: ``unit_price`` of a seat ``per`` unit, times ``units``, times ``seats``."""

    text: str
    amount: Money
    unit_price: Money
    per: Per
    units: float
    seats: int


class QuoteView(BaseModel):
    """What a booking would cost now, and on which terms; whether seats are free is not asked."""

    resource_id: UUID
    start: datetime
    end: datetime
    seats: int
    total: Money
    price_per: Per
    lines: list[LineView]
    approval: Literal["instant", "owner"]
    hold_minutes: int
    cancellation: list[RefundTier]


class NewPayment(Request):
    provider: Literal["sandbox"]


class SandboxOutcome(Request):
    outcome: Literal["succeeded", "failed"]


class SlotView(BaseModel):
    """A slot of the grid; ``reason`` says why it is not bookable.

    ``date`` is the local date whose opening hours it is a part of: the one before its start's, past midnight.
    """

    date: date
    start: datetime
    end: datetime
    seats_free: int
    bookable: bool
    reason: SlotReason | None


class AvailabilityView(BaseModel):
    """What is free; times carry the venue's offset. ``seats`` is how many the resource has."""

    resource_id: UUID
    time_zone: str
    seats: int
    slots: list[SlotView]


class BookingView(BaseModel):
    """A booking; titles are in the language asked for, times carry the venue's offset.

    With ``approval`` by the ``owner`` a paid booking is a request. ``cancellation`` says what comes back until when.
    ``space_title`` and ``address`` are what it was made for; ``moved_to`` is the space's address now, if another.
    ``ended_by``: who cancelled or declined it, or that its hold or the time to answer was over; null while it lives.
    ``mine``: whoever asks is its renter, and not only the owner of its space.
    """

    id: UUID
    status: BookingStatus
    space_id: UUID
    space_slug: str
    space_title: str
    resource_id: UUID
    resource_title: str
    address: str
    moved_to: str | None
    time_zone: str
    start: datetime
    end: datetime
    seats: int
    total: Money
    price_per: Per
    expires_at: datetime | None
    refund: Money | None
    approval: Literal["instant", "owner"]
    cancellation: list[RefundTier]
    created_at: datetime
    revision: int
    ended_by: Literal["renter", "owner", "time"] | None = None
    mine: bool = True


class BookingPage(BaseModel):
    """Bookings, the newest first."""

    items: list[BookingView]
    next_cursor: str | None


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


def _text(text: Text, language: str) -> str:
    first, other = (text.ru, text.en) if language == "ru" else (text.en, text.ru)
    return first or other or ""


def view(state: BookingState, language: str, *, mine: bool = True) -> BookingView:
    """A booking in a language, for its renter (``mine``) or for the owner of its space."""
    titles = {name: _text(getattr(state, name), language) for name in ("space_title", "resource_title")}
    return BookingView(**{**dict(state), **titles, "mine": mine})


def availability_view(resource_id: UUID, found: Available, zone: Any) -> AvailabilityView:
    """Availability in the venue's zone."""

    def one(slot: Slot) -> SlotView:
        return SlotView.model_construct(
            date=slot.interval.date,
            start=slot.interval.start.astimezone(zone),
            end=slot.interval.end.astimezone(zone),
            seats_free=slot.seats_free,
            bookable=slot.reason is None,
            reason=cast(SlotReason | None, slot.reason),
        )

    return AvailabilityView(
        resource_id=resource_id, time_zone=found.time_zone, seats=found.seats, slots=[one(slot) for slot in found.slots]
    )


def quote_view(priced: Priced, language: str) -> QuoteView:
    """A price in a language, in the venue's zone."""
    wanted, quote, zone = priced.wanted, priced.quote, priced.zone

    def money(amount: Any) -> Money:
        return Money(amount=amount, currency=quote.currency)

    line = LineView(
        text=priced_in_words(quote, wanted.seats, language),
        amount=money(quote.total),
        unit_price=money(quote.amount),
        per=cast(Per, quote.per),
        units=round(float(quote.units), 4),
        seats=wanted.seats,
    )
    return QuoteView(
        resource_id=wanted.resource_id,
        start=wanted.start.astimezone(zone),
        end=wanted.end.astimezone(zone),
        seats=wanted.seats,
        total=money(quote.total),
        price_per=cast(Per, quote.per),
        lines=[line],
        approval=priced.approval,
        hold_minutes=priced.hold_minutes,
        cancellation=[RefundTier(**one) for one in priced.cancellation],
    )


def cancellation_view(preview: Preview, zone: Any) -> CancellationView:
    """The preview of a cancellation in the venue's zone."""

    def amount(value: Any) -> Money | None:
        return None if value is None else Money(amount=value, currency=preview.currency)

    return CancellationView(
        cancellable=preview.cancellable,
        refund_percent=preview.percent,
        paid=amount(preview.paid),
        refund=amount(preview.refund),
        tiers=[
            DeadlineView(
                until=item.until.astimezone(zone), before_minutes=item.before_minutes, refund_percent=item.percent
            )
            for item in preview.deadlines
        ],
    )
