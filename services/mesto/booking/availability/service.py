"""What is free: plain reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from mesto.booking.availability import rules
from mesto.booking.availability.records import Available
from mesto.booking.availability.rules import Slot
from mesto.booking.booking_rules.rules import BookingRules, rules_of
from mesto.booking.bookings import service as bookings
from mesto.booking.capacity import service as capacity
from mesto.booking.opening_hours.rules import Interval
from mesto.booking.settings import MAX_AVAILABILITY
from mesto.booking.spaces import service as spaces
from mesto.booking.time_units import rules as time_units
from mesto.booking.transactions import utc_now
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found
from sqlalchemy.ext.asyncio import AsyncConnection

LOOK_BACK, LOOK_AHEAD = timedelta(hours=24), timedelta(hours=72)


class Availability:
    """What can be booked."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database, self.clock = database, clock

    async def slots(self, resource_id: UUID, start: datetime, end: datetime, seats: int) -> Available:
        """Return slots that begin in ``start <= slot < end`` (31 days at most). Raises Problem 404, 422."""
        if not timedelta() < end - start <= MAX_AVAILABILITY:
            wrong = FieldError(field="to", message=f"After `from`, by {MAX_AVAILABILITY.days} days at most.")
            raise Problem(422, "invalid-request", "Some fields are not right.", errors=[wrong])
        now = self.clock()
        async with self.database.read() as connection:
            resource = await spaces.find_resource(connection, resource_id)
            if resource is None or resource.removed or not resource.active:
                raise not_found("This resource")
            by = rules_of(resource)
            until = end + timedelta(minutes=by.slot_minutes + by.buffer_minutes)
            free = await count_free_seats(
                connection, resource_id, by.unit_minutes, start - timedelta(hours=1), until, now
            )
        return Available(resource.time_zone, by.seats, rules.availability(by, start, end, seats, now, free))

    async def no_capacity(self, resource_id: UUID, requested: Interval, seats: int) -> Problem:
        """Return the refusal of a time that is taken: which slots, and the nearest time that is free."""
        now = self.clock()
        async with self.database.read() as connection:
            resource = await spaces.find_resource(connection, resource_id)
            assert resource is not None
            by = rules_of(resource)
            window = Interval(max(now, requested.start - LOOK_BACK), requested.start + LOOK_AHEAD)
            until = window.end + (requested.end - requested.start) + timedelta(minutes=by.buffer_minutes)
            since = window.start - timedelta(hours=1)
            free = await count_free_seats(connection, resource_id, by.unit_minutes, since, until, now)
        taken = rules.taken_slots(by, requested, seats, free)
        other = rules.alternative(by, requested, seats, now, free, window)
        return no_capacity(by, requested, taken, other)


async def count_free_seats(
    connection: AsyncConnection,
    resource_id: UUID,
    unit_minutes: int,
    since: datetime,
    until: datetime,
    now: datetime,
) -> dict[datetime, int]:
    """Return the seats free by unit where somebody sits; a hold that has run out is free although not yet swept."""
    free = await capacity.list_free(connection, resource_id, since, until)
    for overdue in await bookings.list_overdue_seats(connection, resource_id, since, until, now):
        for unit in time_units.units(overdue.starts_at, overdue.busy_until, unit_minutes):
            if unit in free:
                free[unit] += overdue.seats
    return free


def no_capacity(by: BookingRules, requested: Interval, taken: list[Slot], other: Interval | None) -> Problem:
    """Return ``no-capacity`` in a sentence; for programs the first slots ``taken``, and an ``alternative``."""

    def local(moment: datetime) -> datetime:
        return moment.astimezone(by.calendar.zone)

    def clock(moment: datetime) -> str:
        same_day = local(moment).date() == local(requested.start).date()
        return f"{local(moment):%H:%M}" if same_day else f"{local(moment):%Y-%m-%d %H:%M}"

    times = [clock(slot.interval.start) for slot in taken] or [clock(requested.start)]
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
