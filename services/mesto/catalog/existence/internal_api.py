"""The internal API of existence: the operator compares spaces with resources and tells what it has found."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.catalog.existence.service import Existence
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.fields import Slug
from mesto.contracts.spaces import Comparison, ManagedSpaces

router = Router(tags=["spaces"])
Operator = Annotated[str, Depends(callers("operator"))]


async def _existence(request: Request) -> Existence:
    existence: Existence = request.app.state.catalog.existence
    return existence


Service = Annotated[Existence, Depends(_existence)]


@router.get("/spaces/managed")
async def managed_spaces(
    caller: Operator,
    existence: Service,
    namespace: Annotated[list[Slug] | None, Query(max_length=200, description="Only of these.")] = None,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ManagedSpaces:
    """Spaces that a resource manages, by id, to be compared with the resources that exist."""
    items, following = await existence.list_managed(namespace or [], cursor, limit)
    return ManagedSpaces(items=items, next_cursor=following)


@router.post("/spaces/comparison", status_code=204)
async def put_comparison(body: Comparison, caller: Operator, existence: Service) -> None:
    """What comparing spaces and resources has found: an audit tells of it, and missing resources hold no slug."""
    await existence.note_comparison(body)
