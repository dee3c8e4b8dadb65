"""Asking booking before a change that could strand bookings, the one synchronous call between services.

No transaction is open meanwhile. A change is looked at in its transaction; if it has to be asked about it is left out
there, proposed to booking, and settled in another one, which holds only if the space is still at the revision that was
asked about. What booking has agreed to it keeps to until it has applied the change; what comes to nothing is withdrawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID, uuid4

import structlog
from mesto.catalog.impact.records import Approval, Approvals, Change
from mesto.common.errors import Problem
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.settings import CommonSettings
from mesto.contracts.proposals import Affected, Proposal, ProposedSpace, Question, SpaceAffected

log = structlog.get_logger(__name__)
I = TypeVar("I")  # noqa: E741 - the usual name
R = TypeVar("R")
Work = Callable[[Sequence[I], Approvals], Awaitable[Sequence[R | Problem | Change]]]
"""Makes changes that are approved, in a transaction, and returns those that booking has to be asked about."""
ASK_SECONDS = 3.0
"""Until booking must have answered: the operator waits ten for a whole batch."""
ROUNDS = 3
"""Of asking and settling; a space that changed meanwhile is asked about again."""
WOULD_AFFECT, UNAVAILABLE = "would-affect-bookings", "booking-unavailable"


def would_affect(affected: Affected) -> Problem:
    """Return a 409: the change waits until somebody accepts it."""
    counted = f"{affected.confirmed} confirmed booking{'' if affected.confirmed == 1 else 's'}"
    if affected.pending:
        counted += f" and {affected.pending} held or awaiting approval"
    until = f", the last until {affected.until:%Y-%m-%d %H:%M} UTC" if affected.until else ""
    moved = f" {affected.moved} would be at another place than was booked." if affected.moved else ""
    detail = f"It would strand {counted}{until}.{moved}"
    return Problem(409, WOULD_AFFECT, detail, bookings=affected.count)


def unavailable(error: Exception) -> Problem:
    """Return a 424: whether bookings are affected cannot be known now, so the change waits."""
    return Problem(424, UNAVAILABLE, f"Booking cannot say which bookings this change would strand: {error}")


class ImpactClient:
    """Booking's word on changes. One per process; the connection is made with the first question."""

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

    async def run(self, items: Sequence[I], work: Work[I, R]) -> list[R | Problem]:
        """Return an answer for each item, in order.

        Args:
            items: What is to be changed.
            work: Makes the changes that are approved, all or none, and returns those to ask about. What needs no
                question is done by its first transaction and waits for nobody.
        """
        answers: list[R | Problem | Change] = list(await work(items, {}))
        for _ in range(ROUNDS):
            proposed = {index: answer for index, answer in enumerate(answers) if isinstance(answer, Change)}
            if not proposed:
                break
            decisions = dict(zip(proposed, await asyncio.gather(*map(self._propose, proposed.values())), strict=True))
            for index, decision in decisions.items():
                if isinstance(decision, Problem):
                    answers[index] = decision
            approvals = {index: decision for index, decision in decisions.items() if isinstance(decision, Approval)}
            for index, answer in zip(approvals, await self._work_on(items, approvals, work), strict=True):
                answers[index] = answer
        busy = Problem(503, "temporarily-unavailable", "This space changes all the time.", headers={"Retry-After": "1"})
        return [busy if isinstance(answer, Change) else answer for answer in answers]

    async def _work_on(
        self, items: Sequence[I], approvals: Mapping[int, Approval], work: Work[I, R]
    ) -> Sequence[R | Problem | Change]:
        """Work on the approved items; what comes to nothing is withdrawn."""
        if not approvals:
            return []
        by_space = {approval.change.space_id: approval for approval in approvals.values()}
        try:
            answers = await work([items[index] for index in approvals], by_space)
        except Problem:
            # Nothing was written. After any other failure it may have been: then ten minutes end the proposal.
            await self._withdraw(list(approvals.values()))
            raise
        failed = [
            approval
            for approval, answer in zip(approvals.values(), answers, strict=True)
            if isinstance(answer, Problem | Change)
        ]
        await self._withdraw(failed)
        return answers

    async def _propose(self, change: Change) -> Approval | Problem:
        key = uuid4()
        body = Proposal(revision=change.revision, space=change.space, accepted=change.accepted)
        try:
            answer = Affected.parse_answer(await self._call("PUT", f"{change.space_id}/{key}", body))
        except (ServiceUnavailable, RequestRejected) as error:
            if change.accepted:  # whoever accepts does not need the number
                log.warning("accepted_unasked", space_id=str(change.space_id), error=str(error))
                return Approval(change, None)
            log.warning("booking_not_asked", space_id=str(change.space_id), error=str(error))
            return unavailable(error)
        if not answer.kept:
            return would_affect(answer)
        if answer.count:
            log.info("bookings_affected", space_id=str(change.space_id), bookings=answer.count)
        return Approval(change, key)

    async def _withdraw(self, approvals: Sequence[Approval]) -> None:
        for approval in approvals:
            try:
                if approval.proposal_id is not None:
                    await self._call("DELETE", f"{approval.change.space_id}/{approval.proposal_id}")
            except (ServiceUnavailable, RequestRejected) as error:
                log.warning("proposal_not_withdrawn", space_id=str(approval.change.space_id), error=str(error))

    async def count_affected(self, space_id: UUID, space: ProposedSpace | None) -> SpaceAffected:
        """Return what a change would strand now. Raises Problem 424 when booking does not answer."""
        try:
            answer = Affected.parse_answer(await self._call("POST", f"{space_id}/affected", Question(space=space)))
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
