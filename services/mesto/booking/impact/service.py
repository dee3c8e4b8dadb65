"""Proposals of catalog: what a change would strand, and meanwhile only bookings that both rules allow.

A proposal lies on its space's row. Whoever makes a booking holds that row and its resource's, shared; a proposal takes
both alone: so bookings made before are counted, and those made after it obey it. It ends when its revision, or a later
one, is applied: then the row has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

from mesto.booking.booking_rules.rules import BookingRules, RuleViolation, check, rules_of
from mesto.booking.bookings import service as bookings
from mesto.booking.bookings.records import UpcomingBooking
from mesto.booking.capacity import service as capacity
from mesto.booking.impact import store
from mesto.booking.impact.rules import Rule, Seated, stranded, unhonourable
from mesto.booking.opening_hours.rules import make_calendar
from mesto.booking.spaces import service as spaces
from mesto.booking.spaces.records import BookableResource, ProposedRules, Resource, Space, StoredProposal
from mesto.booking.spaces.rules import place_at
from mesto.booking.transactions import transact, utc_now
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.contracts.places import Place
from mesto.contracts.proposals import (
    MOST_NAMED,
    PROPOSAL_SECONDS,
    Affected,
    AffectedBooking,
    Proposal,
    ProposedSpace,
    Question,
)
from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 16
"""Proposals of one space at a time: catalog has one, and one for each of its requests that was cut off."""
CHANGING = "space-changing"


def changing() -> Problem:
    """Return the 409 of a time that may not be had soon: a moment may change it, so the answer is not remembered."""
    detail = "The space is about to change, and this time may not be bookable then. Try again in a minute."
    return Problem(409, CHANGING, detail)


def pending_proposals(of: Space | BookableResource, now: datetime) -> dict[str, StoredProposal]:
    """Return the proposals of a space that are neither applied nor forgotten."""
    revision = of.revision if isinstance(of, Space) else of.space_revision
    return {
        key: proposal
        for key, proposal in (of.proposals or {}).items()
        if proposal["revision"] > revision and datetime.fromisoformat(proposal["until"]) > now
    }


def pending_rules(
    resource: BookableResource, now: datetime, usual_minutes: int | None = None
) -> list[BookingRules | None]:
    """Return the rules of a resource by each proposal that is pending; None: none at all."""
    if not resource.proposals:
        return []
    pending = pending_proposals(resource, now).values()
    return [_rules_by(resource, proposal["space"], usual_minutes) for proposal in pending]


def _rules_by(
    resource: BookableResource, space: ProposedRules | None, usual_minutes: int | None
) -> BookingRules | None:
    if space is None or _moves(resource, space):
        return None
    found = next((proposed for proposed in space["resources"] if proposed["id"] == str(resource.id)), None)
    if found is None:
        return None
    proposed = replace(
        resource,
        active=True,
        removed=False,
        published=space["published"],
        time_zone=space["time_zone"],
        opening_hours=space["opening_hours"],
        exceptions=space["exceptions"],
        seats=found["seats"],
        prices=found["prices"],
        slot_minutes=found["slot_minutes"],
        min_duration_minutes=found["min_duration_minutes"],
        max_duration_minutes=found["max_duration_minutes"],
        buffer_minutes=found["buffer_minutes"],
        min_notice_minutes=found["min_notice_minutes"],
        max_advance_days=found["max_advance_days"],
    )
    return rules_of(proposed, usual_minutes)


def _moves(resource: BookableResource, space: ProposedRules) -> bool:
    """Return whether the space of a resource is to be somewhere else."""
    to = space.get("place")
    return to is not None and resource.place.moved_to(Place.model_validate(to))


def check_pending(
    pending: Sequence[BookingRules | None], start: datetime, end: datetime, seats: int, now: datetime
) -> None:
    """Raise Problem 409 when one of the rules to come does not allow a booking."""
    for rules in pending:
        if rules is None:
            raise changing()
        try:
            check(rules, start, end, seats, now)
        except RuleViolation as error:
            raise changing() from error


async def assert_capacity(
    connection: AsyncConnection, pending: Sequence[BookingRules | None], resource_id: UUID, busy: list[datetime]
) -> None:
    """Raise the same once the seats are taken (and their counters locked), unless there are as many by every rule."""
    if not pending:
        return
    if await capacity.most_used(connection, resource_id, busy) > min(by.seats if by else 0 for by in pending):
        raise changing()


class Proposals:
    """What changes that catalog is about to make would strand."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database, self.clock = database, clock

    async def preview(self, space_id: UUID, question: Question) -> Affected:
        """Return what the change would strand now; nothing is kept."""
        async with self.database.read() as connection:
            space = await spaces.find_space(connection, space_id)
            return await self._affected(connection, space, question.space, self.clock())

    async def save(self, space_id: UUID, proposal_id: UUID, proposal: Proposal) -> Affected:
        """Return what the change would strand, and keep it when that is nobody, or accepted.

        The same again is answered anew. Raises Problem 409 while too many others are pending.
        """

        async def work(connection: AsyncConnection) -> Affected:
            # Resources before their space, as bookings lock them: those in the making are counted.
            await spaces.lock_resources(connection, space_id)
            await store.insert_unknown_space(connection, space_id)
            space = await spaces.lock_space(connection, space_id)
            assert space is not None
            now = self.clock()
            affected = await self._affected(connection, space, proposal.space, now)
            kept = pending_proposals(space, now)
            kept.pop(str(proposal_id), None)
            if affected.count == 0 or proposal.accepted:
                if len(kept) >= MOST:
                    raise Problem(409, "too-many-proposals", "Too many changes of this space are proposed already.")
                kept[str(proposal_id)] = {
                    "revision": proposal.revision,
                    "until": (now + timedelta(seconds=PROPOSAL_SECONDS)).isoformat(),
                    "space": cast(ProposedRules | None, proposal.space and proposal.space.model_dump(mode="json")),
                }
                affected = affected.model_copy(update={"kept": True})
            await store.set_proposals(connection, space_id, kept)
            return affected

        return await transact(self.database, work)

    async def withdraw(self, space_id: UUID, proposal_id: UUID) -> None:
        """Forget a proposal; nothing happens when there is none."""

        async def work(connection: AsyncConnection) -> None:
            await store.delete_proposal(connection, space_id, proposal_id)

        await transact(self.database, work)

    async def _affected(
        self, connection: AsyncConnection, space: Space | None, proposed: ProposedSpace | None, now: datetime
    ) -> Affected:
        after = _proposed_rules(proposed)
        if space is None or (proposed is not None and after is None):
            return Affected()  # there is nothing, or it makes no sense and will be refused: what is there stays
        before = make_calendar(space.time_zone, space.opening_hours, space.exceptions)
        known = await spaces.list_resources(connection, space.id)
        upcoming = await bookings.list_upcoming(connection, list(known), now)
        lost: set[UUID] = set()
        for resource_id, resource in known.items():
            seated = [
                Seated(booking.id, booking.starts_at, booking.ends_at, booking.busy_until, booking.seats)
                for booking in upcoming
                if booking.resource_id == resource_id
            ]
            old = Rule(before, resource.seats) if resource.active and not space.removed else None
            if after is None:  # a removed space has nothing left that could honour them: all count
                lost |= unhonourable(seated, None, resource.unit_minutes, now)
            else:
                lost |= stranded(seated, old, after.get(resource_id), resource.unit_minutes, now)
        moved = _moved(space, proposed, upcoming)
        return _summary([booking for booking in upcoming if booking.id in lost | moved], known, len(moved))


def _proposed_rules(proposed: ProposedSpace | None) -> dict[UUID, Rule] | None:
    """Return what is proposed by resource; None when there is no space, or its hours make no sense."""
    if proposed is None:
        return None
    body = proposed.model_dump(mode="json", include={"opening_hours", "exceptions"})
    try:
        hours = make_calendar(proposed.time_zone, body["opening_hours"], body["exceptions"])
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None
    return {resource.id: Rule(hours, resource.seats) for resource in proposed.resources}


def _moved(space: Space, proposed: ProposedSpace | None, upcoming: Iterable[UpcomingBooking]) -> set[UUID]:
    """Return the bookings that would be somewhere else than they were made for: not those a space comes back to."""
    to = proposed.place if proposed is not None else None
    if space.removed or to is None or not space.place.moved_to(to):
        return set()
    by_address = place_at(space.address).moved_to(to)  # else only its position moves, which bookings do not keep
    return {
        booking.id
        for booking in upcoming
        if not by_address or place_at(booking.booked_address or space.address).moved_to(to)
    }


def _summary(stranded: Iterable[UpcomingBooking], resources: Mapping[UUID, Resource], moved: int) -> Affected:
    """Return the answer: confirmed ones first, then by their time."""
    found = sorted(stranded, key=lambda booking: (booking.status != "confirmed", booking.starts_at, booking.id))
    confirmed = sum(booking.status == "confirmed" for booking in found)
    return Affected(
        confirmed=confirmed,
        pending=len(found) - confirmed,
        moved=moved,
        first=[
            AffectedBooking(
                booking_id=booking.id,
                resource=resources[booking.resource_id].name,
                status=booking.status,
                start=booking.starts_at,
                end=booking.ends_at,
                seats=booking.seats,
            )
            for booking in found[:MOST_NAMED]
        ],
        until=max((booking.ends_at for booking in found), default=None),
    )
