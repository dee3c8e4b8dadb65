"""Payments: started by the renter, settled by the provider's answer (in the sandbox: by the renter, too)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mesto.booking.domain import units
from mesto.booking.domain.states import Action, Status
from mesto.booking.service import core, proposals
from mesto.booking.service.core import Booking
from mesto.booking.service.terms import terms
from mesto.booking.store import bookings, payments, slots, spaces
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found
from mesto.contracts.policy import BookingSection
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

PAYMENTS = Counter("mesto_payments_total", "Payments settled, by outcome", ["outcome"])


@dataclass(frozen=True)
class Settled:
    """A payment after its outcome, and its booking. ``refunded_late``: the money came too late and went back.

    ``again``: it had been settled before.
    """

    booking: Booking
    payment_id: UUID
    payment_status: str
    refunded_late: bool
    again: bool = False


class Payments:
    """Starts and settles payments. ``policy`` tells by whom the platform lets renters pay now."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.database, self.clock, self.policy = database, clock, policy

    async def start(self, user_id: UUID, booking_id: UUID, provider: str) -> UUID:
        """The id of the booking's open payment, made if there is none. Only the renter pays (404 to others).

        Raises Problem 422 for a provider that the platform does not offer.
        """
        if provider not in (offered := [one.lower() for one in self.policy().providers]):
            message = f"The platform does not offer {provider}. Offered: {', '.join(offered)}."
            raise Problem(422, "unknown-provider", message, errors=[FieldError(field="provider", message=message)])

        async def work(connection: AsyncConnection) -> UUID:
            row = await bookings.lock(connection, booking_id)
            if row is None or row.user_id != user_id:
                raise not_found("This booking")
            now = self.clock()
            self._must_be_payable(row, now)
            known = await payments.open_of(connection, booking_id)
            if known is not None:
                return UUID(str(known.id))
            payment_id = uuid4()
            amount = {"amount": row.total, "currency": row.currency, "refunded": 0}
            meta = {"id": payment_id, "booking_id": booking_id, "provider": provider, "created_at": now}
            await payments.add(connection, {**meta, **amount, "status": "open"})
            return payment_id

        return await core.transact(self.database, work)

    @staticmethod
    def _must_be_payable(row: Any, now: datetime) -> None:
        if row.status == Status.EXPIRED or (row.status == Status.HELD and row.expires_at <= now):
            raise Problem(409, "hold-expired", "The hold has run out. Book again.", booking_status=row.status)
        if row.status != Status.HELD:
            refusal = f"A booking that is {row.status} cannot be paid."
            raise Problem(409, "wrong-status", refusal, booking_status=row.status)

    async def settle(self, user_id: UUID, payment_id: UUID, succeeded: bool) -> Settled:
        """Take the outcome of a payment; taking the same again changes nothing.

        Money that comes after the hold ran out buys the seats if they are still free, else it goes back.
        Raises Problem 404 to all but the renter, 409 for another outcome than was settled.
        """

        async def work(connection: AsyncConnection) -> Settled:
            known = await payments.get(connection, payment_id)
            row = known and await bookings.lock(connection, known.booking_id)
            if row is None or row.user_id != user_id:
                raise not_found("This payment")
            booking: Booking = dict(row._mapping)
            payment = await payments.get(connection, payment_id)  # again: it changes only under the booking's lock
            assert payment is not None
            if payment.status != "open":
                return self._settled_before(booking, payment, succeeded)
            if succeeded:
                return await self._accept(connection, booking, payment_id, payment.amount)
            await payments.change(connection, payment_id, {"status": "failed", "settled_at": self.clock()})
            return Settled(booking, payment_id, "failed", refunded_late=False)

        settled = await core.transact(self.database, work)
        if not settled.again:
            PAYMENTS.labels(settled.payment_status).inc()
        return settled

    @staticmethod
    def _settled_before(booking: Booking, payment: Any, succeeded: bool) -> Settled:
        if succeeded == (payment.status == "failed"):
            refusal = f"This payment is settled: it {'failed' if succeeded else 'succeeded'}."
            raise Problem(409, "payment-settled", refusal, payment_status=payment.status)
        # What is refunded although its booking was never paid for came too late.
        late = payment.status == "refunded" and booking["refund"] is None
        return Settled(booking, payment.id, payment.status, late, again=True)

    async def _accept(self, connection: AsyncConnection, booking: Booking, payment_id: UUID, amount: Any) -> Settled:
        now = self.clock()
        late = booking["status"] != Status.HELD
        if late and not await self._seat_again(connection, booking, now):
            change = {"status": "refunded", "refunded": amount, "settled_at": now}
            await payments.change(connection, payment_id, change)
            return Settled(booking, payment_id, "refunded", refunded_late=True)
        await payments.change(connection, payment_id, {"status": "succeeded", "settled_at": now})
        asks = booking["approval"] == "owner"
        moved = await core.move(
            connection,
            booking,
            Action.PAY_AND_ASK if asks else Action.PAY,
            actor=core.by_user(booking["user_id"]),
            cause="paid_late" if late else "paid",
            now=now,
            expires_at=core.answer_until(now, booking["starts_at"]) if asks else None,
        )
        return Settled(moved, payment_id, "succeeded", refunded_late=False)

    async def _seat_again(self, connection: AsyncConnection, booking: Booking, now: datetime) -> bool:
        """Take the seats of an expired booking again; False when they are gone or may not be booked any more."""
        row = await spaces.resource_shared(connection, booking["resource_id"])
        assert row is not None
        now_terms = terms(row)
        bookable = booking["status"] == Status.EXPIRED and now_terms.open_for_booking and booking["starts_at"] > now
        if not bookable or not now_terms.calendar.covers(booking["starts_at"], booking["ends_at"]):
            return False
        rivals = proposals.coming(row, now)
        if any(one is None or not one.calendar.covers(booking["starts_at"], booking["ends_at"]) for one in rivals):
            return False  # it would be stranded by a change that is being made
        start, until = booking["starts_at"], booking["busy_until"]
        await core.release_run_out(connection, booking["resource_id"], start, until, now)
        busy = units.units(start, until, now_terms.unit_minutes)
        try:
            async with connection.begin_nested():
                await slots.take(connection, booking["resource_id"], busy, booking["seats"], now_terms.seats)
                await proposals.check_seats(connection, rivals, booking["resource_id"], busy)
        except Problem:
            return False
        except IntegrityError as error:
            if not slots.is_full(error):
                raise
            return False
        return True
