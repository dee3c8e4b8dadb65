"""The internal API of competitors' offers: spiders bring them, the operator asks how runs ended."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Path, Request
from mesto.catalog.competitors.service import Offers
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.offers import MAX_BATCHES, OfferBatch, Run, RunEnd, RunId, RunStart, TargetState

router = Router(tags=["competitors"])
Spiders = Annotated[str, Depends(callers("spiders"))]
Ends = Annotated[str, Depends(callers("spiders", "operator"))]
Operator = Annotated[str, Depends(callers("operator"))]
Batch = Annotated[int, Path(ge=0, le=MAX_BATCHES - 1)]


async def _offers(request: Request) -> Offers:
    offers: Offers = request.app.state.catalog.offers
    return offers


Service = Annotated[Offers, Depends(_offers)]


@router.put("/scrape-runs/{run_id}", responses=problems(409))
async def begin_run(run_id: RunId, body: RunStart, caller: Spiders, offers: Service) -> Run:
    """Begin a run of a target; the same one again changes nothing."""
    return await offers.begin(run_id, body)


@router.put("/scrape-runs/{run_id}/offers/{batch}", status_code=204, responses=problems(404, 409))
async def put_offers(run_id: RunId, batch: Batch, body: OfferBatch, caller: Spiders, offers: Service) -> None:
    """Store one batch of a run's offers, in the place of what it held before. Nobody sees them until the run ends."""
    await offers.replace_batch(run_id, batch, body)


@router.put("/scrape-runs/{run_id}/end", responses=problems(404, 409))
async def end_run(run_id: RunId, body: RunEnd, caller: Ends, offers: Service) -> Run:
    """End a run; a good end shows its offers instead of those before. The first end counts."""
    return await offers.finish(run_id, body)


@router.get("/scrape-targets/{target_uid}", responses=problems(404))
async def get_target(target_uid: UUID, caller: Operator, offers: Service) -> TargetState:
    """A target and its last runs."""
    return await offers.state(target_uid)


@router.delete("/scrape-targets/{target_uid}", status_code=204)
async def delete_target(
    target_uid: UUID, policy: Literal["retain", "delete"], caller: Operator, offers: Service
) -> None:
    """The resource is gone: remove its runs and offers, or keep the offers that are shown."""
    await offers.remove(target_uid, policy)
