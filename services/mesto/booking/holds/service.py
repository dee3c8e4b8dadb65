"""Holding seats: the hot path. One transaction, and the CHECK of ``slots`` decides who gets the last seat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mesto.booking.availability.service import Availability
from mesto.booking.booking_rules.rules import BookingRules, RuleViolation, check, rules_of
from mesto.booking.booking_rules.service import rule_problem
from mesto.booking.bookings import service as bookings
from mesto.booking.bookings.records import Booking
from mesto.booking.capacity.service import is_full
from mesto.booking.hold_budget.records import CountedRenter
from mesto.booking.hold_budget.rules import limits
from mesto.booking.hold_budget.service import HoldBudgets, counted_renter
from mesto.booking.holds import store
from mesto.booking.holds.records import HoldableResource, HoldRequest, Renter
from mesto.booking.idempotency.records import Answer, Outcome
from mesto.booking.idempotency.service import Idempotency
from mesto.booking.impact import service as impact
from mesto.booking.opening_hours.rules import Interval
from mesto.booking.pricing.rules import Quote
from mesto.booking.state_machine.rules import Status
from mesto.booking.transactions import transact_directly, utc_now
from mesto.common.database.engine import Database, RawTransaction
from mesto.common.errors import Problem, not_found
from mesto.common.messaging import outbox
from mesto.common.observability import request_context
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import BookingState
from mesto.contracts.policy import BookingSection
from sqlalchemy.exc import IntegrityError


@dataclass(frozen=True)
class Rendering:
    """How the API writes answers, so that they can be remembered byte by byte."""

    booking: Callable[[BookingState], Answer]
    problem: Callable[[Problem], Answer]


class Holds:
    """Makes bookings: held until they are paid for. The policy says how much the platform lets people hold now."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[BookingSection],
        idempotency: Idempotency,
        budgets: HoldBudgets,
        availability: Availability,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.configuration, self.clock = database, configuration, clock
        self.idempotency, self.budgets, self.availability = idempotency, budgets, availability

    async def create(self, renter: Renter, key: str, request: HoldRequest, render: Rendering) -> Outcome:
        """Hold seats for a renter, once per key.

        Final answers are remembered for 24 hours, refusals too (as Stripe does); not those that a moment changes: 404,
        429, 5xx, and 409 while the space is about to change. Requests that overlap the first one with their key wait
        for its answer.
        """
        try:
            return await self._create_or_explain(renter, key, request, render)
        except Problem as problem:
            passing = problem.slug.startswith("idempotency-") or problem.slug == impact.CHANGING
            if problem.status not in (409, 422) or passing:
                raise
            refusal = render.problem(problem)
            return await self.idempotency.remember(renter.id, key, request.fingerprint, refusal)

    async def _create_or_explain(self, renter: Renter, key: str, request: HoldRequest, render: Rendering) -> Outcome:
        try:
            return await transact_directly(
                self.database, lambda direct: self._create(direct, renter, key, request, render)
            )
        except IntegrityError as error:
            if not is_full(error):
                raise
        requested = Interval(request.start, request.end)
        raise await self.availability.no_capacity(request.resource_id, requested, request.seats)

    async def _create(
        self, direct: RawTransaction, renter: Renter, key: str, request: HoldRequest, render: Rendering
    ) -> Outcome:
        known = await self.idempotency.begin(direct, renter.id, key, request.fingerprint)
        if known is not None:
            return known
        now, policy = self.clock(), self.configuration.policy
        # Who may hold as much as they like is not counted: that takes no time at all.
        limited = not limits(policy.hold_budget, renter.verified).none
        counted = counted_renter(renter.id, policy.hold_budget, now) if limited else None
        resource = await store.lock_resource(direct, request.resource_id, counted, request.start, request.end, now)
        if resource is None or resource.removed or not resource.active:
            raise not_found("This resource")
        rules = rules_of(resource, policy.max_duration_minutes)
        try:
            quote = check(rules, request.start, request.end, request.seats, now)
        except RuleViolation as error:
            raise rule_problem(error) from error
        pending = impact.pending_rules(resource, now, policy.max_duration_minutes)
        impact.check_pending(pending, request.start, request.end, request.seats, now)
        if counted is not None:
            await self._check_budget(direct, counted, resource, request, renter.verified)
        until = request.end + timedelta(minutes=rules.buffer_minutes)
        if resource.run_out:
            await bookings.expire_overdue_holds(direct.connection, request.resource_id, request.start, until, now)
        # All that can be reckoned is reckoned before: whoever wants the same slots waits from here to the commit.
        booking = _new_booking(renter.id, request, resource, quote, until, now)
        answer = await self._save(direct, booking, key, render, rules, pending)
        bookings.TRANSITIONS.labels(Status(booking.status)).inc()
        return Outcome(answer, replayed=False)

    async def _check_budget(
        self,
        direct: RawTransaction,
        counted: CountedRenter,
        resource: HoldableResource,
        request: HoldRequest,
        verified: bool,
    ) -> None:
        await self.budgets.check(
            direct.connection,
            counted,
            resource.space_id,
            holds=resource.holds,
            seat_time=timedelta(seconds=resource.seat_seconds),
            requested=(request.end - request.start) * request.seats,
            policy=self.configuration.policy.hold_budget,
            verified=verified,
        )

    @staticmethod
    async def _save(
        direct: RawTransaction,
        booking: Booking,
        key: str,
        render: Rendering,
        rules: BookingRules,
        pending: list[BookingRules | None],
    ) -> Answer:
        state = bookings.booking_state(booking)
        answer = render.booking(state)
        event = bookings.event_of(booking.user_id, state, None, "requested")
        row = outbox.row(event, request_context.request_id.get())
        actor = bookings.user_actor(booking.user_id)
        history = bookings.history_entry(booking, None, actor, "requested", booking.created_at)
        busy = rules.busy(booking.starts_at, booking.ends_at)
        await store.save(direct, booking, history, row, key, answer, busy, rules.seats)
        await impact.assert_capacity(direct.connection, pending, booking.resource_id, busy)
        return answer


def _new_booking(
    user_id: UUID, request: HoldRequest, resource: HoldableResource, quote: Quote, busy_until: datetime, now: datetime
) -> Booking:
    """Return a new booking. What costs nothing waits for no payment."""
    status, expires_at = Status.HELD, None
    if quote.total:
        expires_at = due_at = bookings.hold_deadline(now, resource.hold_minutes)
    elif resource.approval == "owner":
        status, due_at = Status.AWAITING_APPROVAL, bookings.approval_deadline(now, request.start)
    else:
        status, due_at = Status.CONFIRMED, request.end
    return Booking(
        id=uuid4(),
        user_id=user_id,
        space_id=resource.space_id,
        resource_id=resource.id,
        status=status.value,
        starts_at=request.start,
        ends_at=request.end,
        busy_until=busy_until,
        seats=request.seats,
        booked_title=resource.space_title,
        booked_address=resource.address,
        total=quote.total,
        currency=quote.currency,
        price_per=quote.per,
        approval=resource.approval,
        cancellation=resource.cancellation,
        refund=None,
        expires_at=expires_at,
        released_at=None,
        due_at=due_at,
        revision=1,
        created_at=now,
        space_slug=resource.space_slug,
        space_title=resource.space_title,
        address=resource.address,
        address_now=resource.address,
        time_zone=resource.time_zone,
        owner_email=resource.owner_email,
        owner_id=resource.owner_id,
        owner_decided=resource.owner_decided,
        resource_title=resource.title,
        resource_seats=resource.seats,
        unit_minutes=resource.unit_minutes,
        cause="requested",
    )
