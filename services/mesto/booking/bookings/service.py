"""What every use case needs: transactions that are tried again, and the one way a booking changes its status."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from mesto.booking import tables
from mesto.booking.domain import units
from mesto.booking.domain.states import SEATED, Action, NotPossible, Status, next_status
from mesto.booking.service.terms import tiers
from mesto.booking.settings import APPROVAL_TIME
from mesto.booking.store import bookings, slots
from mesto.common.database.engine import Database, RawTransaction
from mesto.common.errors import Problem
from mesto.common.messaging import outbox
from mesto.contracts import events
from mesto.contracts.events import BookingEvent, BookingState, RefundTier
from mesto.contracts.money import Money
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
C = TypeVar("C")
Booking = dict[str, Any]
"""A row of ``bookings`` with what its answer needs of space and resource (see store.bookings)."""
SYSTEM = "system"
MOVED = "space_moved"
RELEASES = {"cancelled_by_renter", "hold_expired"}
"""Causes that end a hold by what its renter did, or did not."""
ATTEMPTS = 5
COLLISIONS = {"40001", "40P01"}  # serialization failure, deadlock
LOCK_TIMEOUT = "55P03"
CANCELLED = "57014"
TRANSITIONS = Counter("mesto_booking_transitions_total", "Bookings that reached a status", ["status"])
EVENTS: dict[Status, type[BookingEvent]] = {
    Status.HELD: events.BookingHeld,
    Status.AWAITING_APPROVAL: events.BookingAwaitingApproval,
    Status.CONFIRMED: events.BookingConfirmed,
    Status.CANCELLED: events.BookingCancelled,
    Status.EXPIRED: events.BookingExpired,
    Status.DECLINED: events.BookingDeclined,
    Status.COMPLETED: events.BookingCompleted,
}


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's code of an error; empty when there is none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


async def transact(database: Database, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Run ``work`` in a transaction; again, up to five times, when it collided with another.

    Raises Problem 503 when it collides still, or waited too long for a lock.
    """
    return await _again(database.transaction, work)


async def transact_directly(database: Database, work: Callable[[RawTransaction], Awaitable[T]]) -> T:
    """The same for hot paths."""
    return await _again(database.direct, work)


async def _again(begin: Callable[[], AbstractAsyncContextManager[C]], work: Callable[[C], Awaitable[T]]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with begin() as connection:
                return await work(connection)
        except DBAPIError as error:
            code = sqlstate(error)
            if code not in {*COLLISIONS, LOCK_TIMEOUT, CANCELLED}:
                raise
            if code not in COLLISIONS or attempt == ATTEMPTS:
                busy = "Too many want the same right now. Try again."
                raise Problem(503, "temporarily-unavailable", busy, headers={"Retry-After": "1"}) from error
        await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)
    raise AssertionError("unreachable")


def by_user(user_id: UUID) -> str:
    """How the audit names a person."""
    return f"user:{user_id}"


def refund_tiers(cancellation: Sequence[Mapping[str, Any]], start: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Cancellation tiers as they are stored, as dates before a start."""
    return [
        {
            "until": (start - timedelta(minutes=one.before_minutes)).astimezone(zone),
            "refund_percent": one.percent,
        }
        for one in tiers(cancellation)
    ]


ENDED_BY: Mapping[str, Literal["renter", "owner", "time"]] = {
    "cancelled_by_renter": "renter",
    "cancelled_by_owner": "owner",
    "declined_by_owner": "owner",
    "approval_timeout": "time",
    "hold_expired": "time",
}
"""Who brought a booking to its end, by the cause of its last step."""


def state(booking: Booking) -> BookingState:
    """A booking as the world sees it, times in the venue's zone."""
    zone = ZoneInfo(booking["time_zone"])

    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone)

    copied = {
        name: booking[name]
        for name in (
            *("id", "status", "space_id", "space_slug", "space_title", "resource_id", "resource_title", "address"),
            *("time_zone", "seats", "price_per", "revision"),
        )
    }
    refund, here = booking["refund"], booking["address_now"]
    return BookingState(
        **copied,
        moved_to=here if here != booking["address"] else None,
        start=local(booking["starts_at"]),
        end=local(booking["ends_at"]),
        total=Money(amount=booking["total"], currency=booking["currency"]),
        expires_at=local(booking["expires_at"]),
        approval=booking["approval"],
        cancellation=[RefundTier(**one) for one in refund_tiers(booking["cancellation"], booking["starts_at"], zone)],
        refund=None if refund is None else Money(amount=refund, currency=booking["currency"]),
        created_at=local(booking["created_at"]),
        ended_by=ENDED_BY.get(booking.get("cause", "")),
    )


def due_at(status: Status, booking: Booking) -> datetime | None:
    """When the sweeper must look at a booking in this status."""
    if status in (Status.HELD, Status.AWAITING_APPROVAL):
        moment: datetime = booking["expires_at"]
        return moment
    return booking["ends_at"] if status is Status.CONFIRMED else None


def history(booking: Booking, before: Status | None, actor: str, cause: str, now: datetime) -> dict[str, Any]:
    """The audit's row of the status that a booking has just reached."""
    return {
        "booking_id": booking["id"],
        "revision": booking["revision"],
        "at": now,
        "actor": actor,
        "from_status": before,
        "to_status": Status(booking["status"]),
        "cause": cause,
    }


def event_of(user_id: UUID, booking: BookingState, before: Status | None, cause: str) -> BookingEvent:
    """The event of the status that a booking has just reached."""
    kind = EVENTS[Status(booking.status)]
    return kind(user_id=user_id, booking=booking, previous_status=before.value if before else None, cause=cause)


async def announce(connection: AsyncConnection, booking: Booking, before: Status | None, cause: str) -> None:
    """Record the event of the status that a booking has just reached."""
    event = event_of(booking["user_id"], state(booking), before, cause)
    await outbox.record(connection, tables.outbox, [event])
    TRANSITIONS.labels(Status(booking["status"])).inc()


async def move(
    connection: AsyncConnection,
    booking: Booking,
    action: Action,
    *,
    actor: str,
    cause: str,
    now: datetime,
    expires_at: datetime | None = None,
    refund: Any = None,
) -> Booking:
    """Take a locked booking to its next status; seats that it no longer needs are freed.

    Returns the booking as it is now. Raises Problem 409 when the action does not apply in its status.
    """
    before = Status(booking["status"])
    try:
        after = next_status(before, action)
    except NotPossible as error:
        raise Problem(409, "wrong-status", str(error), booking_status=before.value) from error
    changes: Booking = {"status": after.value, "revision": booking["revision"] + 1, "expires_at": expires_at}
    if refund is not None:
        changes["refund"] = refund
    if cause in RELEASES and before is Status.HELD:
        changes["released_at"] = min(now, booking["expires_at"])
    elif before is Status.EXPIRED:
        changes["released_at"] = None  # it was paid after all
    moved = {**booking, **changes, "cause": cause}
    changes["due_at"] = moved["due_at"] = due_at(after, moved)
    await bookings.change(connection, booking["id"], changes)
    if before in SEATED and after not in SEATED:
        await free_seats(connection, booking, now)
    await bookings.add_history(connection, history(moved, before, actor, cause, now))
    await announce(connection, moved, before, cause)
    return moved


async def tell_of_move(connection: AsyncConnection, resource_ids: Collection[UUID], now: datetime) -> int:
    """Tell the renters of these resources' bookings that the space is somewhere else; how many.

    The resources are locked, the space is stored with its new place.
    """
    rows = await bookings.lock_upcoming(connection, resource_ids, now)
    found = [row | {"revision": row["revision"] + 1} for row in rows]
    if found:
        await bookings.renew(connection, [row["id"] for row in found])
        steps = [history(row, Status(row["status"]), SYSTEM, MOVED, now) for row in found]
        await bookings.add_history(connection, *steps)
        told = [
            events.BookingChanged(
                user_id=row["user_id"], booking=state(row), previous_status=row["status"], cause=MOVED
            )
            for row in found
        ]
        await outbox.record(connection, tables.outbox, told)
    return len(found)


async def free_seats(connection: AsyncConnection, booking: Booking, now: datetime) -> None:
    """Give the seats of a booking back, from the present hour on (earlier ones may be counted in older units)."""
    since = max(units.floor(booking["starts_at"], booking["unit_minutes"]), units.floor(now, 60))
    if since < booking["busy_until"]:
        await slots.free(
            connection,
            booking["resource_id"],
            since,
            booking["busy_until"],
            booking["seats"],
            booking["resource_seats"],
        )


async def release_run_out(
    connection: AsyncConnection, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> None:
    """Expire holds of a resource that have run out and stand in the way of a time; its row is locked, shared."""
    rows = await bookings.lock_run_out(connection, resource_id, since, until, now)
    if rows:
        first, last = min(since, *(row.starts_at for row in rows)), max(until, *(row.busy_until for row in rows))
        await slots.lock(connection, resource_id, units.floor(first, 60), last)
    for row in rows:
        await move(connection, dict(row._mapping), Action.EXPIRE, actor=SYSTEM, cause="hold_expired", now=now)


def answer_until(now: datetime, starts_at: datetime) -> datetime:
    """Until when an owner may answer a request made now; nobody is asked about a time that has begun."""
    return min(now + APPROVAL_TIME, starts_at)


def hold_until(now: datetime, minutes: int) -> datetime:
    """When a hold made now runs out."""
    return now + timedelta(minutes=minutes)
