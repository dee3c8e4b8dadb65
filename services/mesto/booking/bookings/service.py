"""The one way a booking changes its status, and what the world is told of it; all in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from mesto.booking.bookings import store
from mesto.booking.bookings.records import Booking, HistoryEntry
from mesto.booking.bookings.store import (
    find,
    list_due,
    list_occupied,
    list_overdue,
    list_overdue_seats,
    list_page,
    list_upcoming,
    lock,
)
from mesto.booking.capacity import service as capacity
from mesto.booking.pricing.rules import refund_tiers
from mesto.booking.settings import APPROVAL_TIME
from mesto.booking.state_machine.rules import SEATED, Action, InvalidTransition, Status, next_status
from mesto.booking.tables import OUTBOX
from mesto.booking.time_units import rules as time_units
from mesto.common.errors import Problem
from mesto.common.messaging import outbox
from mesto.contracts import events
from mesto.contracts.events import BookingEvent, BookingState
from mesto.contracts.money import Money
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "find",
    "list_due",
    "list_occupied",
    "list_overdue",
    "list_overdue_seats",
    "list_page",
    "list_upcoming",
    "lock",
]
SYSTEM = "system"
MOVED = "space_moved"
RELEASES = {"cancelled_by_renter", "hold_expired"}
"""Causes that end a hold by what its renter did, or did not."""
TRANSITIONS = Counter("mesto_booking_transitions_total", "Bookings that reached a status", ["status"])
LIVE = Gauge("mesto_bookings", "Bookings that keep seats, by status", ["status"])
OVERDUE = Gauge("mesto_holds_overdue_seconds", "Since when the oldest overdue hold should be gone, 0: none")
EVENTS: dict[Status, type[BookingEvent]] = {
    Status.HELD: events.BookingHeld,
    Status.AWAITING_APPROVAL: events.BookingAwaitingApproval,
    Status.CONFIRMED: events.BookingConfirmed,
    Status.CANCELLED: events.BookingCancelled,
    Status.EXPIRED: events.BookingExpired,
    Status.DECLINED: events.BookingDeclined,
    Status.COMPLETED: events.BookingCompleted,
}
ENDED_BY: Mapping[str | None, Literal["renter", "owner", "time"]] = {
    "cancelled_by_renter": "renter",
    "cancelled_by_owner": "owner",
    "declined_by_owner": "owner",
    "approval_timeout": "time",
    "hold_expired": "time",
}
"""Who brought a booking to its end, by the cause of its last step."""


def user_actor(user_id: UUID) -> str:
    """Return how the audit names a person."""
    return f"user:{user_id}"


def booking_state(booking: Booking) -> BookingState:
    """Return a booking as the world sees it, times in the venue's zone."""
    zone = ZoneInfo(booking.time_zone)

    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone)

    return BookingState(
        id=booking.id,
        status=booking.status,
        space_id=booking.space_id,
        space_slug=booking.space_slug,
        space_title=booking.space_title,
        resource_id=booking.resource_id,
        resource_title=booking.resource_title,
        address=booking.address,
        moved_to=booking.address_now if booking.address_now != booking.address else None,
        time_zone=booking.time_zone,
        start=local(booking.starts_at),
        end=local(booking.ends_at),
        seats=booking.seats,
        total=Money(amount=booking.total, currency=booking.currency),
        price_per=booking.price_per,
        expires_at=local(booking.expires_at),
        refund=None if booking.refund is None else Money(amount=booking.refund, currency=booking.currency),
        approval=booking.approval,
        cancellation=refund_tiers(booking.cancellation, booking.starts_at, zone),
        created_at=local(booking.created_at),
        revision=booking.revision,
        ended_by=ENDED_BY.get(booking.cause),
    )


def due_at(status: Status, booking: Booking) -> datetime | None:
    """Return when the sweeper must look at a booking in this status."""
    if status in (Status.HELD, Status.AWAITING_APPROVAL):
        return booking.expires_at
    return booking.ends_at if status is Status.CONFIRMED else None


def history_entry(booking: Booking, before: Status | None, actor: str, cause: str, now: datetime) -> HistoryEntry:
    """Return the audit's row of the status that a booking has just reached."""
    return HistoryEntry(booking.id, booking.revision, now, actor, before, Status(booking.status), cause)


def event_of(user_id: UUID, booking: BookingState, before: Status | None, cause: str) -> BookingEvent:
    """Return the event of the status that a booking has just reached."""
    kind = EVENTS[Status(booking.status)]
    return kind(user_id=user_id, booking=booking, previous_status=before.value if before else None, cause=cause)


async def announce(connection: AsyncConnection, booking: Booking, before: Status | None, cause: str) -> None:
    """Record the event of the status that a booking has just reached."""
    event = event_of(booking.user_id, booking_state(booking), before, cause)
    await outbox.record(connection, OUTBOX, [event])
    TRANSITIONS.labels(Status(booking.status)).inc()


async def transition(
    connection: AsyncConnection,
    booking: Booking,
    action: Action,
    *,
    actor: str,
    cause: str,
    now: datetime,
    expires_at: datetime | None = None,
    refund: Decimal | None = None,
) -> Booking:
    """Bring a locked booking to its next status and return it as it is then; seats it no longer needs are released.

    Raises Problem 409 when the action does not apply in its status.
    """
    before = Status(booking.status)
    try:
        after = next_status(before, action)
    except InvalidTransition as error:
        raise Problem(409, "wrong-status", str(error), booking_status=before.value) from error
    released_at = booking.released_at
    if cause in RELEASES and before is Status.HELD:
        assert booking.expires_at is not None
        released_at = min(now, booking.expires_at)
    elif before is Status.EXPIRED:
        released_at = None  # it was paid after all
    reached = replace(
        booking,
        status=after.value,
        revision=booking.revision + 1,
        expires_at=expires_at,
        refund=booking.refund if refund is None else refund,
        released_at=released_at,
        cause=cause,
    )
    reached = replace(reached, due_at=due_at(after, reached))
    await store.update_status(connection, reached)
    if before in SEATED and after not in SEATED:
        await release_seats(connection, booking, now)
    await store.insert_history(connection, [history_entry(reached, before, actor, cause, now)])
    await announce(connection, reached, before, cause)
    return reached


async def announce_move(connection: AsyncConnection, resource_ids: Collection[UUID], now: datetime) -> int:
    """Tell the renters of these resources' bookings that the space is somewhere else; return how many.

    The resources are locked, the space is stored with its new place.
    """
    upcoming = await store.lock_upcoming(connection, resource_ids, now)
    if not upcoming:
        return 0
    moved = await store.renew(connection, upcoming)
    entries = [history_entry(booking, Status(booking.status), SYSTEM, MOVED, now) for booking in moved]
    await store.insert_history(connection, entries)
    changes = [
        events.BookingChanged(
            user_id=booking.user_id, booking=booking_state(booking), previous_status=booking.status, cause=MOVED
        )
        for booking in moved
    ]
    await outbox.record(connection, OUTBOX, changes)
    return len(moved)


async def release_seats(connection: AsyncConnection, booking: Booking, now: datetime) -> None:
    """Give the seats of a booking back, from the present hour on (earlier ones may be counted in older units)."""
    since = max(time_units.floor(booking.starts_at, booking.unit_minutes), time_units.floor(now, 60))
    if since < booking.busy_until:
        await capacity.release(
            connection, booking.resource_id, since, booking.busy_until, booking.seats, booking.resource_seats
        )


async def expire_overdue_holds(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> None:
    """Expire holds of a resource that have run out and stand in the way of a time; its row is locked, shared."""
    overdue = await store.lock_overdue_holds(connection, resource_id, since, until, now)
    if overdue:
        first = min(since, *(booking.starts_at for booking in overdue))
        last = max(until, *(booking.busy_until for booking in overdue))
        await capacity.lock(connection, resource_id, time_units.floor(first, 60), last)
    for booking in overdue:
        await transition(connection, booking, Action.EXPIRE, actor=SYSTEM, cause="hold_expired", now=now)


def approval_deadline(now: datetime, starts_at: datetime) -> datetime:
    """Return until when an owner may answer a request made now; nobody is asked about a time that has begun."""
    return min(now + APPROVAL_TIME, starts_at)


def hold_deadline(now: datetime, minutes: int) -> datetime:
    """Return when a hold made now runs out."""
    return now + timedelta(minutes=minutes)


async def measure(connection: AsyncConnection) -> None:
    """Set the figures that /metrics shows: live bookings, and holds that should have run out."""
    counts = {row.status: row for row in await store.count_by_status(connection)}
    for status in (Status.HELD, Status.AWAITING_APPROVAL, Status.CONFIRMED):
        LIVE.labels(status.value).set(counts[status].count if status in counts else 0)
    held = counts.get(Status.HELD)
    OVERDUE.set(max(0.0, (held and held.overdue_seconds) or 0.0))
