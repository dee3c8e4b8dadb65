"""The public API of what lies near a point. Open to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.common.http.api import Router
from mesto.geo.nearby.schemas import NearbyOut
from mesto.geo.nearby.service import Nearby

router = Router(tags=["geo"])


async def _nearby(request: Request) -> Nearby:
    nearby: Nearby = request.app.state.geo.nearby
    return nearby


@router.get("/nearby")
async def find_nearby(
    nearby: Annotated[Nearby, Depends(_nearby)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    radius_m: Annotated[float, Query(gt=0, le=20_000, allow_inf_nan=False)] = 1000,
) -> NearbyOut:
    """Stops and spaces around a point by straight line, nearest first, at most 50 of each."""
    return await nearby.find(lat, lon, radius_m)
