"""What happens to a booking after it was made: cancel, approve, decline, run out, complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from mesto.booking.bookings import service as bookings
from mesto.booking.bookings.records import Booking
from mesto.booking.lifecycle.records import CancellationPreview, Deadline
from mesto.booking.payments.service import Payments
from mesto.booking.pricing.rules import refund_percent, share, tiers
from mesto.booking.state_machine.rules import SEATED, Action, Status
from mesto.booking.transactions import transact, utc_now
from mesto.booking.users.service import Users
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, forbidden, not_found
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
BATCH = 100


def percent_now(booking: Booking, by_owner: bool, now: datetime) -> int:
    """Return the part that comes back. A renter who withdraws a request before the owner answered loses nothing."""
    if by_owner or booking.status == Status.AWAITING_APPROVAL:
        return 100
    return refund_percent(tiers(booking.cancellation), booking.starts_at, now)


class Lifecycle:
    """Transitions that renters, owners and time bring about."""

    def __init__(
        self, database: Database, users: Users, payments: Payments, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.database, self.users, self.payments, self.clock = database, users, payments, clock

    async def _visible(
        self, connection: AsyncConnection, user_id: UUID, booking_id: UUID, *, lock: bool
    ) -> tuple[Booking, bool]:
        """Return a booking and whether the user owns its space.

        Raises Problem 404 for anybody but renter and owner.
        """
        booking = await (bookings.lock if lock else bookings.find)(connection, booking_id)
        if booking is None:
            raise not_found("This booking")
        person = await self.users.find_owner(connection, user_id)
        owner = person is not None and booking.is_of(person)
        if not owner and booking.user_id != user_id:
            raise not_found("This booking")
        return booking, owner

    async def get(self, user_id: UUID, booking_id: UUID) -> Booking:
        """Return a booking, for its renter or the owner of its space."""
        async with self.database.read() as connection:
            booking, _ = await self._visible(connection, user_id, booking_id, lock=False)
        return booking

    async def list_page(
        self, user_id: UUID, *, as_owner: bool, status: str | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[Booking]:
        """Return a page of one's own bookings, or of those of one's spaces; one more than ``limit`` if there is a next.

        Raises Problem 403 for an owner who has not verified the address.
        """
        async with self.database.read() as connection:
            if as_owner:
                await self.users.must_be_verified(connection, user_id)
            owner = await self.users.find_owner(connection, user_id) if as_owner else None
            if as_owner and owner is None:
                return []
            renter = None if as_owner else user_id
            return await bookings.list_page(
                connection, renter=renter, owner=owner, status=status, after=after, limit=limit + 1
            )

    async def preview(self, user_id: UUID, booking_id: UUID) -> CancellationPreview:
        """Return what cancelling would give back now."""
        now = self.clock()
        async with self.database.read() as connection:
            booking, owner = await self._visible(connection, user_id, booking_id, lock=False)
            payment = await self.payments.find_kept(connection, booking_id)
        percent = percent_now(booking, owner, now)
        deadlines = [
            Deadline(booking.starts_at - timedelta(minutes=tier.before_minutes), tier.before_minutes, tier.percent)
            for tier in tiers(booking.cancellation)
        ]
        return CancellationPreview(
            cancellable=Status(booking.status) in SEATED and (owner or now < booking.starts_at),
            percent=percent,
            paid=None if payment is None else payment.amount,
            refund=None if payment is None else share(payment.amount, payment.currency, percent),
            currency=booking.currency,
            deadlines=deadlines,
        )

    async def cancel(self, user_id: UUID, booking_id: UUID) -> Booking:
        """Cancel; the refund follows the tiers that the renter accepted, an owner gives everything back.

        Cancelling again changes nothing. Raises Problem 409 once it has begun (for a renter) or ended.
        """

        async def work(connection: AsyncConnection) -> Booking:
            booking, owner = await self._visible(connection, user_id, booking_id, lock=True)
            now = self.clock()
            if booking.status == Status.CANCELLED:
                return booking
            if not owner and booking.status == Status.CONFIRMED and now >= booking.starts_at:
                raise Problem(409, "already-started", "This booking has begun and cannot be cancelled any more.")
            self._must_be_seated(booking, Action.CANCEL)
            refund = await self.payments.refund(connection, booking_id, percent_now(booking, owner, now))
            cause = "cancelled_by_owner" if owner else "cancelled_by_renter"
            actor = bookings.user_actor(user_id)
            return await bookings.transition(
                connection, booking, Action.CANCEL, actor=actor, cause=cause, now=now, refund=refund
            )

        return await transact(self.database, work)

    @staticmethod
    def _must_be_seated(booking: Booking, action: Action) -> None:
        status = booking.status
        if Status(status) not in SEATED:
            refusal = f"A booking that is {status} cannot {action}."
            raise Problem(409, "wrong-status", refusal, booking_status=status)

    async def decide(self, user_id: UUID, booking_id: UUID, *, approve: bool) -> Booking:
        """Approve or decline (with a full refund) as the owner; repeating the same decision changes nothing.

        Raises Problem 403 for an owner who has not verified the address, 404 for a booking of others.
        """
        action = Action.APPROVE if approve else Action.DECLINE
        reached = Status.CONFIRMED if approve else Status.DECLINED

        async def work(connection: AsyncConnection) -> Booking:
            await self.users.must_be_verified(connection, user_id)
            booking, owner = await self._visible(connection, user_id, booking_id, lock=True)
            if not owner:
                raise forbidden("Only the owner of the space answers requests.")
            if booking.status == reached and booking.approval == "owner":
                return booking
            if booking.status != Status.AWAITING_APPROVAL:
                refusal = f"A booking that is {booking.status} waits for no answer."
                raise Problem(409, "wrong-status", refusal, booking_status=booking.status)
            refund = None if approve else await self.payments.refund(connection, booking_id, 100)
            actor, cause = bookings.user_actor(user_id), f"{reached}_by_owner"
            return await bookings.transition(
                connection, booking, action, actor=actor, cause=cause, now=self.clock(), refund=refund
            )

        return await transact(self.database, work)

    async def sweep(self) -> int:
        """Do what is due: holds run out, requests nobody answered are declined, ended bookings complete.

        Returns how many bookings have changed.
        """
        async with self.database.read() as connection:
            due = await bookings.list_due(connection, self.clock(), BATCH)
        done = 0
        for booking_id in due:
            try:
                done += await self._sweep_booking(booking_id)
            except Exception:
                log.exception("sweep_failed", booking_id=str(booking_id))
        return done

    async def _sweep_booking(self, booking_id: UUID) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            booking = await bookings.lock(connection, booking_id, skip_locked=True)
            now = self.clock()
            if booking is None or booking.due_at is None or booking.due_at > now:
                return False
            action, cause, refund = Action.COMPLETE, "ended", None
            if booking.status == Status.HELD:
                action, cause = Action.EXPIRE, "hold_expired"
            elif booking.status == Status.AWAITING_APPROVAL:
                action, cause = Action.DECLINE, "approval_timeout"
                refund = await self.payments.refund(connection, booking_id, 100)
            await bookings.transition(
                connection, booking, action, actor=bookings.SYSTEM, cause=cause, now=now, refund=refund
            )
            return True

        return await transact(self.database, work)
