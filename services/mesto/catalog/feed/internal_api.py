"""The internal API of the change feed: the operator learns what became of spaces."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.catalog.feed.service import Feed
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.spaces import SpaceChanges

router = Router(tags=["spaces"])
Operator = Annotated[str, Depends(callers("operator"))]


async def _feed(request: Request) -> Feed:
    feed: Feed = request.app.state.catalog.feed
    return feed


Service = Annotated[Feed, Depends(_feed)]


@router.get("/spaces/changes")
async def space_changes(
    caller: Operator,
    feed: Service,
    cursor: Annotated[str, Query(max_length=200)] = "",
    wait: Annotated[float, Query(ge=0, le=25, allow_inf_nan=False)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> SpaceChanges:
    """Spaces changed after the cursor (empty: from the beginning), waiting up to ``wait`` seconds for one."""
    items, following = await feed.page(cursor, wait, limit)
    return SpaceChanges(items=items, next_cursor=following)
