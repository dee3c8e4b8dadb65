"""The internal API of cities."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from mesto.common.consistency.snapshots import BySlug
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.snapshots import SnapshotPage
from mesto.geo.cities.api import Service

router = Router(tags=["datasets"])


@router.get("/snapshot/cities")
async def city_snapshot(
    caller: Annotated[str, Depends(callers("catalog"))], cities: Service, asked: BySlug
) -> SnapshotPage:
    """Every city as its last event told it, or those with these slugs; always one page."""
    return asked.page(await cities.snapshot(asked.id), lambda event: event.slug, whole=True)
