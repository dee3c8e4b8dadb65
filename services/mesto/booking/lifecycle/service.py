"""What happens to a booking after it was made: cancel, approve, decline, run out, complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from mesto.booking.domain import money
from mesto.booking.domain.states import SEATED, Action, Status
from mesto.booking.service import core
from mesto.booking.service.core import SYSTEM, Booking
from mesto.booking.service.terms import tiers
from mesto.booking.settings import INBOX_LIFETIME, KEY_LIFETIME
from mesto.booking.store import bookings, keys, payments, spaces
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, email_unverified, forbidden, not_found
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
BATCH = 100


@dataclass(frozen=True)
class Deadline:
    """Cancelled until ``until``, ``percent`` of the payment comes back."""

    until: datetime
    before_minutes: int
    percent: int


@dataclass(frozen=True)
class Preview:
    """What cancelling now would mean. ``refund`` is None when nothing was paid."""

    cancellable: bool
    percent: int
    paid: Decimal | None
    refund: Decimal | None
    currency: str
    deadlines: list[Deadline]


def percent_now(booking: Booking, by_owner: bool, now: datetime) -> int:
    """The part that comes back. A renter who takes a request back before the owner answered loses nothing."""
    if by_owner or booking["status"] == Status.AWAITING_APPROVAL:
        return 100
    return money.refund_percent(tiers(booking["cancellation"]), booking["starts_at"], now)


async def give_back(connection: AsyncConnection, booking_id: UUID, percent: int) -> Decimal | None:
    """Record the refund of a locked booking's payment; None when nothing was paid."""
    payment = await payments.kept_of(connection, booking_id)
    if payment is None:
        return None
    refund = money.share(payment.amount, payment.currency, percent)
    status = "refunded" if refund == payment.amount else "partially_refunded" if refund else payment.status
    await payments.change(connection, payment.id, {"status": status, "refunded": refund})
    return refund


class Lifecycle:
    """Transitions that renters, owners and time bring about."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = core.utc_now) -> None:
        self.database, self.clock = database, clock

    async def _mine(
        self, connection: AsyncConnection, user_id: UUID, booking_id: UUID, *, lock: bool
    ) -> tuple[Booking, bool]:
        """A booking and whether the user owns its space. Raises Problem 404 for anybody but renter and owner."""
        row = await (bookings.lock if lock else bookings.get)(connection, booking_id)
        if row is None:
            raise not_found("This booking")
        booking: Booking = dict(row._mapping)
        email = await bookings.verified_email(connection, user_id)
        owner = email is not None and email == booking["owner_email"]
        if not owner and booking["user_id"] != user_id:
            raise not_found("This booking")
        return booking, owner

    async def get(self, user_id: UUID, booking_id: UUID) -> Booking:
        """A booking, for its renter or the owner of its space."""
        async with self.database.read() as connection:
            booking, _ = await self._mine(connection, user_id, booking_id, lock=False)
        return booking

    async def list(
        self, user_id: UUID, *, as_owner: bool, status: str | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[Booking]:
        """A page of one's own bookings, or of those of one's spaces; one more than ``limit`` when there is a next.

        Raises Problem 403 for an owner who has not verified the address.
        """
        async with self.database.read() as connection:
            if as_owner:
                await self._must_be_verified(connection, user_id)
            email = await bookings.verified_email(connection, user_id) if as_owner else None
            if as_owner and email is None:
                return []
            renter = None if as_owner else user_id
            rows = await bookings.page(
                connection, renter=renter, owner_email=email, status=status, after=after, limit=limit + 1
            )
        return [dict(row._mapping) for row in rows]

    async def preview(self, user_id: UUID, booking_id: UUID) -> Preview:
        """What cancelling would give back now."""
        now = self.clock()
        async with self.database.read() as connection:
            booking, owner = await self._mine(connection, user_id, booking_id, lock=False)
            payment = await payments.kept_of(connection, booking_id)
        percent = percent_now(booking, owner, now)
        deadlines = [
            Deadline(booking["starts_at"] - timedelta(minutes=tier.before_minutes), tier.before_minutes, tier.percent)
            for tier in tiers(booking["cancellation"])
        ]
        return Preview(
            cancellable=Status(booking["status"]) in SEATED and (owner or now < booking["starts_at"]),
            percent=percent,
            paid=payment and payment.amount,
            refund=payment and money.share(payment.amount, payment.currency, percent),
            currency=booking["currency"],
            deadlines=deadlines,
        )

    async def cancel(self, user_id: UUID, booking_id: UUID) -> Booking:
        """Cancel; the refund follows the tiers that the renter accepted, an owner gives everything back.

        Cancelling again changes nothing. Raises Problem 409 once it has begun (for a renter) or ended.
        """

        async def work(connection: AsyncConnection) -> Booking:
            booking, owner = await self._mine(connection, user_id, booking_id, lock=True)
            now = self.clock()
            if booking["status"] == Status.CANCELLED:
                return booking
            if not owner and booking["status"] == Status.CONFIRMED and now >= booking["starts_at"]:
                raise Problem(409, "already-started", "This booking has begun and cannot be cancelled any more.")
            self._must_be_seated(booking, Action.CANCEL)
            refund = await give_back(connection, booking_id, percent_now(booking, owner, now))
            cause = "cancelled_by_owner" if owner else "cancelled_by_renter"
            actor = core.by_user(user_id)
            return await core.move(connection, booking, Action.CANCEL, actor=actor, cause=cause, now=now, refund=refund)

        return await core.transact(self.database, work)

    @staticmethod
    async def _must_be_verified(connection: AsyncConnection, user_id: UUID) -> None:
        """Whatever booking it is about: who has not verified an address learns of none by the answer."""
        if await bookings.is_unverified_owner(connection, user_id):
            raise email_unverified()

    @staticmethod
    def _must_be_seated(booking: Booking, action: Action) -> None:
        status = booking["status"]
        if Status(status) not in SEATED:
            refusal = f"A booking that is {status} cannot {action}."
            raise Problem(409, "wrong-status", refusal, booking_status=status)

    async def answer(self, user_id: UUID, booking_id: UUID, *, approve: bool) -> Booking:
        """The owner approves or declines (with a full refund); repeating the same answer changes nothing.

        Raises Problem 403 for an owner who has not verified the address, 404 for a booking of others.
        """
        action = Action.APPROVE if approve else Action.DECLINE
        reached = Status.CONFIRMED if approve else Status.DECLINED

        async def work(connection: AsyncConnection) -> Booking:
            await self._must_be_verified(connection, user_id)
            booking, owner = await self._mine(connection, user_id, booking_id, lock=True)
            if not owner:
                raise forbidden("Only the owner of the space answers requests.")
            if booking["status"] == reached and booking["approval"] == "owner":
                return booking
            if booking["status"] != Status.AWAITING_APPROVAL:
                refusal = f"A booking that is {booking['status']} waits for no answer."
                raise Problem(409, "wrong-status", refusal, booking_status=booking["status"])
            refund = None if approve else await give_back(connection, booking_id, 100)
            actor, cause = core.by_user(user_id), f"{reached}_by_owner"
            return await core.move(
                connection, booking, action, actor=actor, cause=cause, now=self.clock(), refund=refund
            )

        return await core.transact(self.database, work)

    async def sweep(self) -> int:
        """Do what is due: holds run out, requests nobody answered are declined, ended bookings complete. How many."""
        async with self.database.read() as connection:
            due = await bookings.due(connection, self.clock(), BATCH)
        done = 0
        for booking_id in due:
            try:
                done += await self._sweep_one(booking_id)
            except Exception:
                log.exception("sweep_failed", booking_id=str(booking_id))
        return done

    async def _sweep_one(self, booking_id: UUID) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            row = await bookings.lock(connection, booking_id, skip_locked=True)
            now = self.clock()
            if row is None or row.due_at is None or row.due_at > now:
                return False
            booking: Booking = dict(row._mapping)
            action, cause, refund = Action.COMPLETE, "ended", None
            if row.status == Status.HELD:
                action, cause = Action.EXPIRE, "hold_expired"
            elif row.status == Status.AWAITING_APPROVAL:
                action, cause = Action.DECLINE, "approval_timeout"
                refund = await give_back(connection, booking_id, 100)
            await core.move(connection, booking, action, actor=SYSTEM, cause=cause, now=now, refund=refund)
            return True

        return await core.transact(self.database, work)

    async def prune(self) -> None:
        """Forget idempotency keys after 24 hours and handled events after 30 days."""
        now = self.clock()
        async with self.database.transaction() as connection:
            forgotten = await keys.prune(connection, now - KEY_LIFETIME)
            handled = await spaces.prune_inbox(connection, now - INBOX_LIFETIME)
        log.info("pruned", idempotency_keys=forgotten, inbox=handled)
