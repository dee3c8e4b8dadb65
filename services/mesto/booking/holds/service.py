"""Taking seats: the hot path. One transaction, and the CHECK of ``slots`` decides who gets the last seat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mesto.booking.domain import rules
from mesto.booking.domain.calendar import Interval
from mesto.booking.domain.money import Quote
from mesto.booking.domain.rules import Broken, Terms
from mesto.booking.domain.states import Status
from mesto.booking.service import budget, core, proposals
from mesto.booking.service.terms import terms as terms_of
from mesto.booking.settings import KEY_LIFETIME
from mesto.booking.store import holds, keys, slots, spaces
from mesto.booking.store.keys import Answer
from mesto.common.database.engine import Database, RawTransaction
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.messaging import outbox
from mesto.common.observability import telemetry
from mesto.contracts.events import BookingState
from mesto.contracts.policy import BookingSection
from sqlalchemy.exc import DBAPIError, IntegrityError

CONFLICTS = {"not-bookable", "no-price"}
LOOK_BACK, LOOK_AHEAD = timedelta(hours=24), timedelta(hours=72)


@dataclass(frozen=True)
class Wanted:
    """What a renter asks for; times in UTC."""

    resource_id: UUID
    start: datetime
    end: datetime
    seats: int

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal wishes, however their times were written."""
        text = f"{self.resource_id} {self.start.isoformat()} {self.end.isoformat()} {self.seats}"
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Renter:
    """Who holds, and whether their e-mail address is verified."""

    id: UUID
    verified: bool


@dataclass(frozen=True)
class Rendering:
    """How the API writes answers, so that they can be remembered byte by byte."""

    booking: Callable[[BookingState], Answer]
    problem: Callable[[Problem], Answer]


@dataclass(frozen=True)
class Outcome:
    """The answer to a request, and whether it was given before."""

    answer: Answer
    replayed: bool


def broken(error: Broken) -> Problem:
    """A broken rule as an answer."""
    status = 409 if error.code in CONFLICTS else 422
    return Problem(status, error.code, error.message, errors=[FieldError(field=error.field, message=error.message)])


def _replay(known: keys.Known, fingerprint: bytes) -> Outcome:
    if known.fingerprint != fingerprint:
        raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
    if known.answer is None:
        raise Problem(409, "idempotency-in-flight", "The first request with this Idempotency-Key is still running.")
    return Outcome(known.answer, replayed=True)


class Holds:
    """Makes bookings: held until they are paid for. ``policy`` tells how much the platform lets people hold now."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.database, self.clock, self.policy = database, clock, policy

    async def hold(self, renter: Renter, key: str, wanted: Wanted, render: Rendering) -> Outcome:
        """Hold seats for a renter, once per key.

        Final answers are remembered for 24 hours, refusals too (as Stripe does); not those that a moment changes: 404,
        429, 5xx, and 409 while the space is about to change. Requests that overlap the first one with their key wait
        for its answer.
        """
        try:
            return await self._hold_or_explain(renter, key, wanted, render)
        except Problem as problem:
            passing = problem.slug.startswith("idempotency-") or problem.slug == proposals.CHANGING
            if problem.status not in (409, 422) or passing:
                raise
            refusal = render.problem(problem)
            return await self._remember(renter.id, key, wanted.fingerprint, refusal)

    async def _hold_or_explain(self, renter: Renter, key: str, wanted: Wanted, render: Rendering) -> Outcome:
        try:
            return await core.transact_directly(
                self.database, lambda direct: self._once(direct, renter, key, wanted, render)
            )
        except IntegrityError as error:
            if not slots.is_full(error):
                raise
        raise await self._no_capacity(wanted)

    async def _begin(self, direct: RawTransaction, user_id: UUID, key: str, fingerprint: bytes) -> keys.Known | None:
        now = self.clock()
        try:
            return await keys.begin(direct, user_id, key, fingerprint, now, now - KEY_LIFETIME)
        except DBAPIError as error:
            if core.sqlstate(error) == core.LOCK_TIMEOUT:
                running = "Another booking request of yours is still running. Try again."
                raise Problem(409, "idempotency-in-flight", running, headers={"Retry-After": "1"}) from error
            raise

    async def _remember(self, user_id: UUID, key: str, fingerprint: bytes, answer: Answer) -> Outcome:
        async def work(direct: RawTransaction) -> Outcome:
            known = await self._begin(direct, user_id, key, fingerprint)
            if known is not None:
                return _replay(known, fingerprint)
            await keys.finish(direct.connection, user_id, key, answer)
            return Outcome(answer, replayed=False)

        return await core.transact_directly(self.database, work)

    async def _once(
        self, direct: RawTransaction, renter: Renter, key: str, wanted: Wanted, render: Rendering
    ) -> Outcome:
        user_id = renter.id
        known = await self._begin(direct, user_id, key, wanted.fingerprint)
        if known is not None:
            return _replay(known, wanted.fingerprint)
        now, policy = self.clock(), self.policy()
        # Who may hold as much as they like is not counted: that takes no time at all.
        limited = not budget.limits(policy.hold_budget, renter.verified).none
        counted = budget.counting(user_id, policy.hold_budget, now) if limited else None
        row = await holds.resource(direct, wanted.resource_id, counted, wanted.start, wanted.end, now)
        if row is None or row.removed or not row.active:
            raise not_found("This resource")
        terms = terms_of(row, policy.max_duration_minutes)
        try:
            quote = rules.check(terms, wanted.start, wanted.end, wanted.seats, now)
        except Broken as error:
            raise broken(error) from error
        rivals = proposals.coming(row, now, policy.max_duration_minutes)
        proposals.check(rivals, wanted.start, wanted.end, wanted.seats, now)
        if counted is not None:
            seat_time = (wanted.end - wanted.start) * wanted.seats
            await budget.check(direct, counted, row, seat_time, policy.hold_budget, renter.verified)
        until = wanted.end + timedelta(minutes=terms.buffer_minutes)
        if row.run_out:
            await core.release_run_out(direct.connection, wanted.resource_id, wanted.start, until, now)
        # All that can be reckoned is reckoned before: whoever wants the same slots waits from here to the commit.
        values, state = self._held(user_id, wanted, row, quote, until, now)
        answer = render.booking(state)
        event = outbox.row(core.event_of(user_id, state, None, "requested"), telemetry.request_id.get())
        history = core.history(values, None, core.by_user(user_id), "requested", now)
        busy = terms.busy(wanted.start, wanted.end)
        await holds.save(direct, values, history, event, key, answer, busy, terms.seats)
        await proposals.check_seats(direct.connection, rivals, wanted.resource_id, busy)
        core.TRANSITIONS.labels(Status(values["status"])).inc()
        return Outcome(answer, replayed=False)

    @staticmethod
    def _held(
        user_id: UUID, wanted: Wanted, row: Any, quote: Quote, busy_until: datetime, now: datetime
    ) -> tuple[core.Booking, BookingState]:
        """The columns of a new booking, and what the world sees of it. What costs nothing waits for no payment."""
        status, expires_at, due_at = Status.HELD, None, None
        if quote.total:
            expires_at = due_at = core.hold_until(now, row.hold_minutes)
        elif row.approval == "owner":
            status, due_at = Status.AWAITING_APPROVAL, core.answer_until(now, wanted.start)
        else:
            status, due_at = Status.CONFIRMED, wanted.end
        values = {
            "id": uuid4(),
            "user_id": user_id,
            "space_id": row.space_id,
            "resource_id": row.id,
            "status": status.value,
            "starts_at": wanted.start,
            "ends_at": wanted.end,
            "busy_until": busy_until,
            "seats": wanted.seats,
            "booked_title": row.space_title,
            "booked_address": row.address,
            "total": quote.total,
            "currency": quote.currency,
            "price_per": quote.per,
            "approval": row.approval,
            "cancellation": row.cancellation,
            "refund": None,
            "expires_at": expires_at,
            "released_at": None,
            "due_at": due_at,
            "revision": 1,
            "created_at": now,
        }
        seen = {name: getattr(row, name) for name in ("space_slug", "space_title", "address", "time_zone")}
        return values, core.state({**values, **seen, "address_now": row.address, "resource_title": row.title})

    async def _no_capacity(self, wanted: Wanted) -> Problem:
        """The refusal of a time that is taken: which slots, and the nearest time that is free."""
        now = self.clock()
        async with self.database.read() as connection:
            row = await spaces.resource(connection, wanted.resource_id)
            assert row is not None
            terms = terms_of(row)
            window = Interval(max(now, wanted.start - LOOK_BACK), wanted.start + LOOK_AHEAD)
            until = window.end + (wanted.end - wanted.start) + timedelta(minutes=terms.buffer_minutes)
            free = await slots.free_seats(
                connection, wanted.resource_id, terms.unit_minutes, window.start - timedelta(hours=1), until, now
            )
        asked = Interval(wanted.start, wanted.end)
        taken = rules.taken_slots(terms, asked, wanted.seats, free)
        other = rules.alternative(terms, asked, wanted.seats, now, free, window)
        return no_capacity(terms, asked, taken, other)


def no_capacity(terms: Terms, asked: Interval, taken: list[rules.Slot], other: Interval | None) -> Problem:
    """The problem ``no-capacity`` in a sentence; for programs the first slots ``taken``, and an ``alternative``."""

    def local(moment: datetime) -> datetime:
        return moment.astimezone(terms.calendar.zone)

    def clock(moment: datetime) -> str:
        same_day = local(moment).date() == local(asked.start).date()
        return f"{local(moment):%H:%M}" if same_day else f"{local(moment):%Y-%m-%d %H:%M}"

    times = [clock(slot.interval.start) for slot in taken] or [clock(asked.start)]
    left = min((slot.seats_free for slot in taken), default=0)
    named = f"The {times[0]} slot" if len(times) == 1 else f"The slots from {times[0]} to {times[-1]}"
    were = "was" if len(times) == 1 else "were"
    first = (
        f"{named} {were} just taken." if not left else f"{named} {'has' if were == 'was' else 'have'} only {left} free."
    )
    second = f"{clock(other.start)} is free." if other else "No other time near is free."
    return Problem(
        409,
        "no-capacity",
        f"{first} {second}",
        taken=[
            {
                "start": local(slot.interval.start).isoformat(),
                "end": local(slot.interval.end).isoformat(),
                "seats_free": slot.seats_free,
            }
            for slot in taken
        ],
        alternative=other and {"start": local(other.start).isoformat(), "end": local(other.end).isoformat()},
    )


def in_utc(moment: datetime) -> datetime:
    """The instant in UTC, as domain wants it."""
    return moment.astimezone(UTC)
