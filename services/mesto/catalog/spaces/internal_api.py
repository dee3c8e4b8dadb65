"""The internal API of stored spaces: exports, and what services rebuild their projections from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.catalog.spaces.service import Spaces
from mesto.common.consistency.snapshots import ById
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.fields import Plain
from mesto.contracts.snapshots import SnapshotPage
from mesto.contracts.spaces import StoredSpaces

router = Router(tags=["spaces"])
Exporter = Annotated[str, Depends(callers("cli"))]
Projections = Annotated[str, Depends(callers("booking", "geo"))]


async def _spaces(request: Request) -> Spaces:
    spaces: Spaces = request.app.state.catalog.spaces
    return spaces


Service = Annotated[Spaces, Depends(_spaces)]


@router.get("/spaces/stored")
async def stored_spaces(
    caller: Exporter,
    spaces: Service,
    namespace: Annotated[Plain, Query(max_length=63, description="Only of this namespace.")] = "",
    name: Annotated[Plain, Query(max_length=253, description="Only of this name.")] = "",
    city: Annotated[Plain, Query(max_length=63, description="Only of this city.")] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> StoredSpaces:
    """Spaces as their rows hold them, by id, those that no resource manages too; removed ones are left out."""
    filters = {"namespace": namespace, "name": name, "city": city}
    items, following = await spaces.list_stored(filters, cursor, limit)
    return StoredSpaces(items=items, next_cursor=following)


@router.get("/snapshot/spaces")
async def space_snapshot(caller: Projections, spaces: Service, asked: ById) -> SnapshotPage:
    """Every space as its last event told it, removed ones too, by id, or those with these ids."""
    events = await spaces.snapshot(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
