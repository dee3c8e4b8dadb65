"""Proposals of catalog: what a change would strand, and meanwhile only bookings that both rules allow.

A proposal lies on its space's row. Whoever makes a booking holds that row and its resource's, shared; a proposal takes
both alone: so bookings made before are counted, and those made after it obey it. It ends when its revision, or a later
one, is applied: then the row has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

from mesto.booking.domain import rules
from mesto.booking.domain.calendar import Calendar
from mesto.booking.domain.proposals import Rule, Seated, misfits, stranded
from mesto.booking.domain.rules import Broken, Terms
from mesto.booking.service import core
from mesto.booking.service.terms import at_address, calendar, place, terms
from mesto.booking.store import bookings, slots, spaces
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
    """409: a moment may change it, so the answer is not remembered."""
    detail = "The space is about to change, and this time may not be bookable then. Try again in a minute."
    return Problem(409, CHANGING, detail)


def standing(row: Any, now: datetime) -> dict[str, Any]:
    """Proposals on a row (``proposals``, ``space_revision``) that are neither applied nor forgotten."""
    return {
        key: one
        for key, one in (row.proposals or {}).items()
        if one["revision"] > row.space_revision and datetime.fromisoformat(one["until"]) > now
    }


def coming(row: Any, now: datetime, usual_minutes: int | None = None) -> list[Terms | None]:
    """The rules of a resource (a row of store.spaces.resource) by each proposal that stands; None: none at all."""
    return [_terms(row, one["space"], usual_minutes) for one in standing(row, now).values()] if row.proposals else []


def _terms(row: Any, space: Mapping[str, Any] | None, usual_minutes: int | None) -> Terms | None:
    found = next((one for one in space["resources"] if one["id"] == str(row.id)), None) if space else None
    if space is None or found is None or _moves(row, space.get("place")):
        return None
    fields = {name: space[name] for name in ("time_zone", "opening_hours", "exceptions", "published")}
    return terms(
        SimpleNamespace(**found, **fields, unit_minutes=row.unit_minutes, active=True, removed=False), usual_minutes
    )


def _moves(row: Any, to: Mapping[str, Any] | None) -> bool:
    """Whether the space (a row with its place) is to be somewhere else."""
    return to is not None and place(row).moved_to(Place.model_validate(to))


def check(rivals: Sequence[Terms | None], start: datetime, end: datetime, seats: int, now: datetime) -> None:
    """Raises Problem 409 when one of the rules to come does not allow a booking."""
    for one in rivals:
        if one is None:
            raise changing()
        try:
            rules.check(one, start, end, seats, now)
        except Broken as error:
            raise changing() from error


async def check_seats(
    connection: AsyncConnection, rivals: Sequence[Terms | None], resource_id: UUID, busy: list[datetime]
) -> None:
    """The same once the seats are taken (and their counters locked): there must be as many by every rule."""
    if rivals and await slots.most_used(connection, resource_id, busy) > min(one.seats if one else 0 for one in rivals):
        raise changing()


class Proposals:
    """Answers catalog."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = core.utc_now) -> None:
        self.database, self.clock = database, clock

    async def ask(self, space_id: UUID, question: Question) -> Affected:
        """What the change would strand now; nothing is kept."""
        async with self.database.read() as connection:
            row = await spaces.get(connection, space_id)
            return await self._affected(connection, row, question.space, self.clock())

    async def put(self, space_id: UUID, proposal_id: UUID, proposal: Proposal) -> Affected:
        """What the change would strand; kept when that is nobody, or accepted. The same again is answered anew.

        Raises Problem 409 while too many others stand.
        """

        async def work(connection: AsyncConnection) -> Affected:
            # Resources before their space, as bookings lock them: those in the making are counted.
            await spaces.lock_resources(connection, space_id)
            row = await spaces.known(connection, space_id)
            now = self.clock()
            affected = await self._affected(connection, row, proposal.space, now)
            kept = standing(row, now)
            kept.pop(str(proposal_id), None)
            if affected.count == 0 or proposal.accepted:
                if len(kept) >= MOST:
                    raise Problem(409, "too-many-proposals", "Too many changes of this space are proposed already.")
                kept[str(proposal_id)] = {
                    "revision": proposal.revision,
                    "until": (now + timedelta(seconds=PROPOSAL_SECONDS)).isoformat(),
                    "space": proposal.space and proposal.space.model_dump(mode="json"),
                }
                affected = affected.model_copy(update={"kept": True})
            await spaces.keep_proposals(connection, space_id, kept)
            return affected

        return await core.transact(self.database, work)

    async def withdraw(self, space_id: UUID, proposal_id: UUID) -> None:
        """Forget a proposal; nothing happens when there is none."""

        async def work(connection: AsyncConnection) -> None:
            await spaces.drop_proposal(connection, space_id, proposal_id)

        await core.transact(self.database, work)

    async def _affected(
        self, connection: AsyncConnection, space: Any, proposed: ProposedSpace | None, now: datetime
    ) -> Affected:
        after = _rules(proposed)
        if space is None or (proposed is not None and after is None):
            return Affected()  # there is nothing, or it makes no sense and will be refused: what is there stays
        before = calendar(space.time_zone, space.opening_hours, space.exceptions)
        known = await spaces.resources_of(connection, space.id)
        upcoming = await bookings.upcoming(connection, list(known), now)
        lost: set[UUID] = set()
        for resource_id, resource in known.items():
            seated = [
                Seated(row.id, row.starts_at, row.ends_at, row.busy_until, row.seats)
                for row in upcoming
                if row.resource_id == resource_id
            ]
            old = Rule(before, resource.seats) if resource.active and not space.removed else None
            if after is None:  # a removed space has nothing left that could honour them: all count
                lost |= misfits(seated, None, resource.unit_minutes, now)
            else:
                lost |= stranded(seated, old, after.get(resource_id), resource.unit_minutes, now)
        moved = _moved(space, proposed, upcoming)
        return _told([row for row in upcoming if row.id in lost | moved], known, len(moved))


def _rules(proposed: ProposedSpace | None) -> dict[UUID, Rule] | None:
    """By resource; None when there is no space, or its hours make no sense."""
    if proposed is None:
        return None
    body = proposed.model_dump(mode="json", include={"opening_hours", "exceptions"})
    try:
        hours: Calendar = calendar(proposed.time_zone, body["opening_hours"], body["exceptions"])
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None
    return {one.id: Rule(hours, one.seats) for one in proposed.resources}


def _moved(space: Any, proposed: ProposedSpace | None, rows: Iterable[Any]) -> set[UUID]:
    """Bookings that would be somewhere else than they were made for: not those that a space comes back to."""
    to = proposed.place if proposed is not None else None
    if space.removed or to is None or not place(space).moved_to(to):
        return set()
    by_address = at_address(space.address).moved_to(to)  # else only its position moves, which bookings do not keep
    return {row.id for row in rows if not by_address or at_address(row.booked_address or space.address).moved_to(to)}


def _told(rows: Iterable[Any], resources: Mapping[UUID, Any], moved: int) -> Affected:
    """The answer: confirmed ones first, then by their time."""
    found = sorted(rows, key=lambda row: (row.status != "confirmed", row.starts_at, row.id))
    confirmed = sum(row.status == "confirmed" for row in found)
    return Affected(
        confirmed=confirmed,
        pending=len(found) - confirmed,
        moved=moved,
        first=[
            AffectedBooking(
                booking_id=row.id,
                resource=resources[row.resource_id].name,
                status=row.status,
                start=row.starts_at,
                end=row.ends_at,
                seats=row.seats,
            )
            for row in found[:MOST_NAMED]
        ],
        until=max((row.ends_at for row in found), default=None),
    )
