"""Asking booking before a change that could strand bookings, the one synchronous call between services.

No transaction is open meanwhile. A change is looked at in its transaction; if it has to be asked about it is left out
there, proposed to booking, and settled in another one, which holds only if the space is still at the revision that was
asked about. What booking has agreed to it keeps to until it has applied the change; what comes to nothing is withdrawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID, uuid4

import structlog
from mesto.common.errors import Problem
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.settings import CommonSettings
from mesto.contracts.proposals import Affected, Proposal, ProposedSpace, Question, SpaceAffected

log = structlog.get_logger(__name__)
I = TypeVar("I")  # noqa: E741 - the usual name
R = TypeVar("R")
ASK_SECONDS = 3.0
"""Until booking must have answered: the operator waits ten for a whole batch."""
ROUNDS = 3
"""Of asking and settling; a space that changed meanwhile is asked about again."""
WOULD_AFFECT, UNAVAILABLE = "would-affect-bookings", "booking-unavailable"


@dataclass(frozen=True)
class Change:
    """A change to be asked about: the revision that it would have, the space as it is to be, None to remove it."""

    space_id: UUID
    revision: int
    space: ProposedSpace | None
    accepted: bool


@dataclass(frozen=True)
class Agreement:
    """A change that may be made. ``proposal_id`` None: accepted without an answer from booking."""

    change: Change
    proposal_id: UUID | None


Agreements = Mapping[UUID, Agreement]
"""By the space's id."""


def agreed(change: Change, agreements: Agreements) -> bool:
    """Whether this very change may be made."""
    known = agreements.get(change.space_id)
    return known is not None and known.change == change


def would_affect(affected: Affected) -> Problem:
    """409: the change waits until somebody accepts it."""
    counted = f"{affected.confirmed} confirmed booking{'' if affected.confirmed == 1 else 's'}"
    if affected.pending:
        counted += f" and {affected.pending} held or awaiting approval"
    until = f", the last until {affected.until:%Y-%m-%d %H:%M} UTC" if affected.until else ""
    moved = f" {affected.moved} would be at another place than was booked." if affected.moved else ""
    detail = f"It would strand {counted}{until}.{moved}"
    return Problem(409, WOULD_AFFECT, detail, bookings=affected.count)


def unavailable(error: Exception) -> Problem:
    """424: whether bookings are affected cannot be known now, so the change waits."""
    return Problem(424, UNAVAILABLE, f"Booking cannot say which bookings this change would strand: {error}")


class Asking:
    """One per process; the connection is made with the first question."""

    def __init__(self, settings: CommonSettings) -> None:
        self._settings = settings

    @cached_property
    def booking(self) -> InternalClient:
        """Booking's internal API."""
        return InternalClient(self._settings, "catalog", "booking")

    async def close(self) -> None:
        """Close the connection if there is one."""
        if "booking" in self.__dict__:
            await self.booking.close()

    async def through(
        self,
        items: Sequence[I],
        settle: Callable[[Sequence[I], Agreements], Awaitable[Sequence[R | Problem | Change]]],
    ) -> list[R | Problem]:
        """An answer for each item, in order. ``settle`` makes changes that are agreed and returns those to ask about.

        What needs no question is settled by the first transaction and waits for nobody.
        """
        answers: list[R | Problem | Change] = list(await settle(items, {}))
        for _ in range(ROUNDS):
            asked = {index: one for index, one in enumerate(answers) if isinstance(one, Change)}
            if not asked:
                break
            said = dict(zip(asked, await asyncio.gather(*map(self._propose, asked.values())), strict=True))
            for index, one in said.items():
                if isinstance(one, Problem):
                    answers[index] = one
            going = {index: one for index, one in said.items() if isinstance(one, Agreement)}
            for index, answer in zip(going, await self._settle(items, going, settle), strict=True):
                answers[index] = answer
        busy = Problem(503, "temporarily-unavailable", "This space changes all the time.", headers={"Retry-After": "1"})
        return [busy if isinstance(one, Change) else one for one in answers]

    async def _settle(
        self,
        items: Sequence[I],
        going: Mapping[int, Agreement],
        settle: Callable[[Sequence[I], Agreements], Awaitable[Sequence[R | Problem | Change]]],
    ) -> Sequence[R | Problem | Change]:
        if not going:
            return []
        agreements = {one.change.space_id: one for one in going.values()}
        try:
            answers = await settle([items[index] for index in going], agreements)
        except Problem:
            # Nothing was written. After any other failure it may have been: then ten minutes end the proposal.
            await self._withdraw(list(going.values()))
            raise
        failed = [
            one for one, answer in zip(going.values(), answers, strict=True) if isinstance(answer, Problem | Change)
        ]
        await self._withdraw(failed)
        return answers

    async def _propose(self, change: Change) -> Agreement | Problem:
        key = uuid4()
        body = Proposal(revision=change.revision, space=change.space, accepted=change.accepted)
        try:
            answer = Affected.answered(await self._call("PUT", f"{change.space_id}/{key}", body))
        except (ServiceUnavailable, RequestRejected) as error:
            if change.accepted:  # whoever accepts does not need the number
                log.warning("accepted_unasked", space_id=str(change.space_id), error=str(error))
                return Agreement(change, None)
            log.warning("booking_not_asked", space_id=str(change.space_id), error=str(error))
            return unavailable(error)
        if not answer.kept:
            return would_affect(answer)
        if answer.count:
            log.info("bookings_affected", space_id=str(change.space_id), bookings=answer.count)
        return Agreement(change, key)

    async def _withdraw(self, agreements: Sequence[Agreement]) -> None:
        for one in agreements:
            try:
                if one.proposal_id is not None:
                    await self._call("DELETE", f"{one.change.space_id}/{one.proposal_id}")
            except (ServiceUnavailable, RequestRejected) as error:
                log.warning("proposal_not_withdrawn", space_id=str(one.change.space_id), error=str(error))

    async def affected(self, space_id: UUID, space: ProposedSpace | None) -> SpaceAffected:
        """What a change would strand now. Raises Problem 424 when booking does not answer."""
        try:
            answer = Affected.answered(await self._call("POST", f"{space_id}/affected", Question(space=space)))
        except (ServiceUnavailable, RequestRejected) as error:
            raise unavailable(error) from error
        left = answer.until and max(0, round((answer.until - datetime.now(UTC)).total_seconds()))
        return SpaceAffected(affected=answer.count, bookings=answer.first, seconds=left)

    async def _call(self, method: str, path: str, body: Question | None = None) -> object:
        content = body and body.model_dump_json()
        return await self.booking.call(
            method,
            f"/internal/proposals/{path}",
            seconds=ASK_SECONDS,
            content=content,
            headers={"Content-Type": "application/json"} if body else {},
        )
