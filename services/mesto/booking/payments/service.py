"""Payments: started by the renter, settled by the provider's answer (in the sandbox: by the renter, too)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from mesto.booking.booking_rules.rules import rules_of
from mesto.booking.bookings import service as bookings
from mesto.booking.bookings.records import Booking
from mesto.booking.capacity import service as capacity
from mesto.booking.impact import service as impact
from mesto.booking.payments import store
from mesto.booking.payments.records import Payment, Settled
from mesto.booking.pricing.rules import share
from mesto.booking.spaces import service as spaces
from mesto.booking.state_machine.rules import Action, Status
from mesto.booking.time_units import rules as time_units
from mesto.booking.transactions import transact, utc_now
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import BookingSection
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

PAYMENTS = Counter("mesto_payments_total", "Payments settled, by outcome", ["outcome"])


class Payments:
    """Starts and settles payments. The policy says by whom the platform lets renters pay now."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[BookingSection],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.configuration, self.clock = database, configuration, clock

    async def start(self, user_id: UUID, booking_id: UUID, provider: str) -> UUID:
        """Return the id of the booking's open payment, made if there is none. Only the renter pays (404 to others).

        Raises Problem 422 for a provider that the platform does not offer.
        """
        if provider not in (offered := [name.lower() for name in self.configuration.policy.providers]):
            message = f"The platform does not offer {provider}. Offered: {', '.join(offered)}."
            raise Problem(422, "unknown-provider", message, errors=[FieldError(field="provider", message=message)])

        async def work(connection: AsyncConnection) -> UUID:
            booking = await bookings.lock(connection, booking_id)
            if booking is None or booking.user_id != user_id:
                raise not_found("This booking")
            now = self.clock()
            self._must_be_payable(booking, now)
            known = await store.find_open(connection, booking_id)
            if known is not None:
                return known.id
            payment = Payment(
                id=uuid4(),
                booking_id=booking_id,
                provider=provider,
                status="open",
                amount=booking.total,
                currency=booking.currency,
                refunded=Decimal(0),
                created_at=now,
                settled_at=None,
            )
            await store.insert_payment(connection, payment)
            return payment.id

        return await transact(self.database, work)

    @staticmethod
    def _must_be_payable(booking: Booking, now: datetime) -> None:
        run_out = booking.expires_at is not None and booking.expires_at <= now
        if booking.status == Status.EXPIRED or (booking.status == Status.HELD and run_out):
            raise Problem(409, "hold-expired", "The hold has run out. Book again.", booking_status=booking.status)
        if booking.status != Status.HELD:
            refusal = f"A booking that is {booking.status} cannot be paid."
            raise Problem(409, "wrong-status", refusal, booking_status=booking.status)

    async def settle(self, user_id: UUID, payment_id: UUID, succeeded: bool) -> Settled:
        """Accept the outcome of a payment; accepting the same again changes nothing.

        Money that comes after the hold ran out buys the seats if they are still free, else it goes back.
        Raises Problem 404 to all but the renter, 409 for another outcome than was settled.
        """

        async def work(connection: AsyncConnection) -> Settled:
            known = await store.find(connection, payment_id)
            booking = None if known is None else await bookings.lock(connection, known.booking_id)
            if booking is None or booking.user_id != user_id:
                raise not_found("This payment")
            payment = await store.find(connection, payment_id)  # again: it changes only under the booking's lock
            assert payment is not None
            if payment.status != "open":
                return self._settled_before(booking, payment, succeeded)
            if succeeded:
                return await self._accept(connection, booking, payment)
            await store.update_status(connection, replace(payment, status="failed", settled_at=self.clock()))
            return Settled(booking, payment_id, "failed", refunded_late=False)

        settled = await transact(self.database, work)
        if not settled.again:
            PAYMENTS.labels(settled.payment_status).inc()
        return settled

    @staticmethod
    def _settled_before(booking: Booking, payment: Payment, succeeded: bool) -> Settled:
        if succeeded == (payment.status == "failed"):
            refusal = f"This payment is settled: it {'failed' if succeeded else 'succeeded'}."
            raise Problem(409, "payment-settled", refusal, payment_status=payment.status)
        # What is refunded although its booking was never paid for came too late.
        late = payment.status == "refunded" and booking.refund is None
        return Settled(booking, payment.id, payment.status, late, again=True)

    async def _accept(self, connection: AsyncConnection, booking: Booking, payment: Payment) -> Settled:
        now = self.clock()
        late = booking.status != Status.HELD
        if late and not await self._seat_again(connection, booking, now):
            gone = replace(payment, status="refunded", refunded=payment.amount, settled_at=now)
            await store.update_status(connection, gone)
            return Settled(booking, payment.id, "refunded", refunded_late=True)
        await store.update_status(connection, replace(payment, status="succeeded", settled_at=now))
        asks = booking.approval == "owner"
        paid = await bookings.transition(
            connection,
            booking,
            Action.PAY_AND_ASK if asks else Action.PAY,
            actor=bookings.user_actor(booking.user_id),
            cause="paid_late" if late else "paid",
            now=now,
            expires_at=bookings.approval_deadline(now, booking.starts_at) if asks else None,
        )
        return Settled(paid, payment.id, "succeeded", refunded_late=False)

    async def _seat_again(self, connection: AsyncConnection, booking: Booking, now: datetime) -> bool:
        """Occupy an expired booking's seats again; return False when they are gone or may not be booked any more."""
        resource = await spaces.lock_resource_shared(connection, booking.resource_id)
        assert resource is not None
        rules = rules_of(resource)
        bookable = booking.status == Status.EXPIRED and rules.open_for_booking and booking.starts_at > now
        if not bookable or not rules.calendar.covers(booking.starts_at, booking.ends_at):
            return False
        pending = impact.pending_rules(resource, now)
        if any(by is None or not by.calendar.covers(booking.starts_at, booking.ends_at) for by in pending):
            return False  # it would be stranded by a change that is being made
        start, until = booking.starts_at, booking.busy_until
        await bookings.expire_overdue_holds(connection, booking.resource_id, start, until, now)
        busy = time_units.units(start, until, rules.unit_minutes)
        try:
            async with connection.begin_nested():
                await capacity.occupy(connection, booking.resource_id, busy, booking.seats, rules.seats)
                await impact.assert_capacity(connection, pending, booking.resource_id, busy)
        except Problem:
            return False
        except IntegrityError as error:
            if not capacity.is_full(error):
                raise
            return False
        return True

    async def find_kept(self, connection: AsyncConnection, booking_id: UUID) -> Payment | None:
        """Return the payment of a booking that has not wholly gone back."""
        return await store.find_kept(connection, booking_id)

    async def refund(self, connection: AsyncConnection, booking_id: UUID, percent: int) -> Decimal | None:
        """Record the refund of a locked booking's payment and return it; None when nothing was paid."""
        payment = await store.find_kept(connection, booking_id)
        if payment is None:
            return None
        refund = share(payment.amount, payment.currency, percent)
        status = "refunded" if refund == payment.amount else "partially_refunded" if refund else payment.status
        await store.update_status(connection, replace(payment, status=status, refunded=refund))
        return refund
