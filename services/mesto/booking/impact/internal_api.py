"""The internal API: what booking answered to spaces, and what a change of a space would strand, for catalog."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from mesto.booking.service import Bookings
from mesto.common.consistency.snapshots import ById
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.proposals import Affected, Proposal, Question
from mesto.contracts.snapshots import SnapshotPage

BODY_BYTES = 4 * 1024 * 1024  # as catalog takes for a declared space
# {…:uuid}: so that affected is never taken for the id of a proposal.
router = Router(tags=["spaces"])
Catalog = Annotated[str, Depends(callers("catalog"))]


async def _bookings(request: Request) -> Bookings:
    bookings: Bookings = request.app.state.bookings
    return bookings


Service = Annotated[Bookings, Depends(_bookings)]


@router.get("/snapshot/applied")
async def answer_snapshot(caller: Catalog, bookings: Service, asked: ById) -> SnapshotPage:
    """What booking answered last about every space, by the space's id, or about these."""
    events = await bookings.projections.answers(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))


@router.put("/proposals/{space_id:uuid}/{proposal_id:uuid}", responses=problems(404, 409))
async def put_proposal(
    space_id: UUID, proposal_id: UUID, body: Proposal, caller: Catalog, bookings: Service
) -> Affected:
    """What a change would strand. Kept when that is nobody or accepted: new bookings then obey both rules."""
    return await bookings.proposals.put(space_id, proposal_id, body)


@router.delete("/proposals/{space_id:uuid}/{proposal_id:uuid}", status_code=204, responses=problems(404))
async def withdraw_proposal(space_id: UUID, proposal_id: UUID, caller: Catalog, bookings: Service) -> None:
    """The change is not made; nothing happens when there is no such proposal."""
    await bookings.proposals.withdraw(space_id, proposal_id)


@router.post("/proposals/{space_id:uuid}/affected", responses=problems(404))
async def ask_affected(space_id: UUID, body: Question, caller: Catalog, bookings: Service) -> Affected:
    """What a change would strand now; nothing is kept."""
    return await bookings.proposals.ask(space_id, body)
