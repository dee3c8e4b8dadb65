"""The public API of availability."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from mesto.booking.availability.schemas import AvailabilityView, QueryTime, availability_view
from mesto.booking.availability.service import Availability
from mesto.booking.transactions import in_utc
from mesto.common.http.api import Router, problems

router = Router()


async def _availability(request: Request) -> Availability:
    availability: Availability = request.app.state.booking.availability
    return availability


Service = Annotated[Availability, Depends(_availability)]


@router.get("/resources/{resource_id}/availability", tags=["availability"], responses=problems(404))
async def get_availability(
    availability: Service,
    resource_id: UUID,
    since: Annotated[QueryTime, Query(alias="from")],
    until: Annotated[QueryTime, Query(alias="to")],
    seats: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> AvailabilityView:
    """Slots of a resource that begin in the time (31 days at most), and whether so many seats are free in each."""
    found = await availability.slots(resource_id, in_utc(since), in_utc(until), seats)
    return availability_view(resource_id, found, ZoneInfo(found.time_zone))
