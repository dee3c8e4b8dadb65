"""The internal API of verdicts: what booking answered to spaces, for catalog."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.booking.bookable.service import Verdicts
from mesto.common.consistency.snapshots import ById
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.snapshots import SnapshotPage

router = Router(tags=["spaces"])
Catalog = Annotated[str, Depends(callers("catalog"))]


async def _verdicts(request: Request) -> Verdicts:
    verdicts: Verdicts = request.app.state.booking.verdicts
    return verdicts


Service = Annotated[Verdicts, Depends(_verdicts)]


@router.get("/snapshot/applied")
async def answer_snapshot(caller: Catalog, verdicts: Service, asked: ById) -> SnapshotPage:
    """What booking answered last about every space, by the space's id, or about these."""
    events = await verdicts.snapshot_applied(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
