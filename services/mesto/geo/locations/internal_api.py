"""The internal API of locations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.common.consistency.snapshots import ById
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.snapshots import SnapshotPage
from mesto.geo.locations.service import Locations

router = Router(tags=["datasets"])
Consumers = Annotated[str, Depends(callers("catalog"))]


async def _locations(request: Request) -> Locations:
    locations: Locations = request.app.state.geo.locations
    return locations


Service = Annotated[Locations, Depends(_locations)]


@router.get("/snapshot/located")
async def located_snapshot(caller: Consumers, locations: Service, asked: ById) -> SnapshotPage:
    """Where every space is, as its last event told it, by the space's id, or of these spaces."""
    events = await locations.snapshot_located(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))


@router.get("/snapshot/applied")
async def answer_snapshot(caller: Consumers, locations: Service, asked: ById) -> SnapshotPage:
    """What geo answered last about every space, by the space's id, or about these."""
    events = await locations.snapshot_applied(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
