"""The internal API: what booking answered to spaces, for catalog."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from mesto.booking.service import Bookings
from mesto.common.audit.snapshots import ById
from mesto.common.tokens import callers
from mesto.contracts.snapshots import SnapshotPage

router = APIRouter(tags=["snapshots"])
Consumers = Annotated[str, Depends(callers("catalog"))]


async def _bookings(request: Request) -> Bookings:
    bookings: Bookings = request.app.state.bookings
    return bookings


@router.get("/snapshot/applied")
async def answer_snapshot(
    caller: Consumers, bookings: Annotated[Bookings, Depends(_bookings)], asked: ById
) -> SnapshotPage:
    """What booking answered last about every space, by the space's id, or about these."""
    events = await bookings.projections.answers(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
