"""The internal API of impact: what a change of a space would strand, for catalog."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from mesto.booking.impact.service import Proposals
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.proposals import Affected, Proposal, Question

BODY_BYTES = 4 * 1024 * 1024  # as catalog takes for a declared space
# {…:uuid}: so that affected is never taken for the id of a proposal.
router = Router(tags=["spaces"])
Catalog = Annotated[str, Depends(callers("catalog"))]


async def _proposals(request: Request) -> Proposals:
    proposals: Proposals = request.app.state.booking.proposals
    return proposals


Service = Annotated[Proposals, Depends(_proposals)]


@router.put("/proposals/{space_id:uuid}/{proposal_id:uuid}", responses=problems(404, 409))
async def put_proposal(
    space_id: UUID, proposal_id: UUID, body: Proposal, caller: Catalog, proposals: Service
) -> Affected:
    """What a change would strand. Kept when that is nobody or accepted: new bookings then obey both rules."""
    return await proposals.save(space_id, proposal_id, body)


@router.delete("/proposals/{space_id:uuid}/{proposal_id:uuid}", status_code=204, responses=problems(404))
async def withdraw_proposal(space_id: UUID, proposal_id: UUID, caller: Catalog, proposals: Service) -> None:
    """The change is not made; nothing happens when there is no such proposal."""
    await proposals.withdraw(space_id, proposal_id)


@router.post("/proposals/{space_id:uuid}/affected", responses=problems(404))
async def ask_affected(space_id: UUID, body: Question, caller: Catalog, proposals: Service) -> Affected:
    """What a change would strand now; nothing is kept."""
    return await proposals.preview(space_id, body)
