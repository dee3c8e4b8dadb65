"""The internal API: the operator declares spaces here and learns what became of them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from mesto.catalog.existence.service import Existence
from mesto.catalog.declarations.service import Catalog
from mesto.common.consistency.snapshots import ById
from mesto.common.errors import Problem
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.fields import Plain, Slug
from mesto.contracts.proposals import AffectedQuestion, SpaceAffected
from mesto.contracts.snapshots import SnapshotPage
from mesto.contracts.spaces import (
    Comparison,
    Fault,
    ManagedSpaces,
    ResourceName,
    SpaceAnswer,
    SpaceAnswers,
    SpaceChanges,
    SpaceRefusal,
    SpaceState,
    SpaceUpsert,
    SpaceUpsertResult,
    SpaceUpserts,
    StoredSpaces,
)

BODY_BYTES = 4 * 1024 * 1024  # a resource in Kubernetes is at most 1.5 MiB; here defaults are written out
# {uid:uuid}: so that changes is never taken for the id of a space.
router = Router(tags=["spaces"])
Operator = Annotated[str, Depends(callers("operator"))]
Asker = Annotated[str, Depends(callers("cli", "operator"))]
Exporter = Annotated[str, Depends(callers("cli"))]
Projections = Annotated[str, Depends(callers("booking", "geo"))]


async def _catalog(request: Request) -> Catalog:
    catalog: Catalog = request.app.state.catalog
    return catalog


async def _existence(request: Request) -> Existence:
    existence: Existence = request.app.state.existence
    return existence


Service = Annotated[Catalog, Depends(_catalog)]
Compared = Annotated[Existence, Depends(_existence)]


@router.get("/spaces/changes")
async def space_changes(
    caller: Operator,
    catalog: Service,
    cursor: Annotated[str, Query(max_length=200)] = "",
    wait: Annotated[float, Query(ge=0, le=25, allow_inf_nan=False)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> SpaceChanges:
    """Spaces changed after the cursor (empty: from the beginning), waiting up to ``wait`` seconds for one."""
    items, following = await catalog.changes(cursor, wait, limit)
    return SpaceChanges(items=items, next_cursor=following)


@router.get("/spaces/stored")
async def stored_spaces(
    caller: Exporter,
    catalog: Service,
    namespace: Annotated[Plain, Query(max_length=63, description="Only of this namespace.")] = "",
    name: Annotated[Plain, Query(max_length=253, description="Only of this name.")] = "",
    city: Annotated[Plain, Query(max_length=63, description="Only of this city.")] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> StoredSpaces:
    """Spaces as their rows hold them, by id, those that no resource manages too; removed ones are left out."""
    wanted = {"namespace": namespace, "name": name, "city": city}
    items, following = await catalog.stored(wanted, cursor, limit)
    return StoredSpaces(items=items, next_cursor=following)


@router.post("/spaces")
async def put_spaces(body: SpaceUpserts, caller: Operator, catalog: Service) -> SpaceAnswers:
    """Store generations of several declared spaces in one transaction; each has an answer of its own."""
    answers = await catalog.upsert_all([(item.uid, item) for item in body.items])
    return SpaceAnswers(
        items=[
            SpaceAnswer(uid=item.uid, refusal=_refusal(answer))
            if isinstance(answer, Problem)
            else SpaceAnswer(uid=item.uid, result=answer)
            for item, answer in zip(body.items, answers, strict=True)
        ]
    )


def _refusal(problem: Problem) -> SpaceRefusal:
    errors = [Fault(field=error.field, message=error.message) for error in problem.errors]
    return SpaceRefusal(status=problem.status, slug=problem.slug, detail=problem.detail, errors=errors)


@router.put("/spaces/{uid:uuid}", responses=problems(404, 409, 424))
async def put_space(uid: UUID, body: SpaceUpsert, caller: Operator, catalog: Service) -> SpaceUpsertResult:
    """Store a generation of a declared space; the same one again changes nothing.

    One that would strand bookings is refused (409) unless it says that this is accepted.
    """
    return await catalog.upsert(uid, body)


@router.get("/spaces/{uid:uuid}", responses=problems(404))
async def get_declared_space(uid: UUID, caller: Operator, catalog: Service) -> SpaceState:
    """What is stored for a resource, and what services have answered."""
    return await catalog.get(uid)


@router.post("/spaces/{uid:uuid}/affected", responses=problems(404, 424))
async def ask_affected(uid: UUID, body: AffectedQuestion, caller: Asker, catalog: Service) -> SpaceAffected:
    """How many bookings another spec, or the removal, of a declared space would strand; nothing is changed."""
    return await catalog.affected(uid, body.spec)


@router.delete("/spaces/{uid:uuid}", status_code=204, responses=problems(404, 409, 424))
async def delete_space(
    uid: UUID,
    policy: Literal["retain", "delete"],
    caller: Operator,
    catalog: Service,
    accept_affected: Annotated[bool, Query(description="Although it strands bookings.")] = False,
    release_to: Annotated[
        ResourceName | Literal[""] | None,
        Query(description="The resource that may take the retained space; empty: none, absent: as it was."),
    ] = None,
) -> None:
    """The resource is gone: keep its space unmanaged and unpublished, or remove it."""
    await catalog.remove(uid, policy, accept_affected=accept_affected, release_to=release_to)


@router.get("/spaces/managed")
async def managed_spaces(
    caller: Operator,
    existence: Compared,
    namespace: Annotated[list[Slug] | None, Query(max_length=200, description="Only of these.")] = None,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ManagedSpaces:
    """Spaces that a resource manages, by id, to be compared with the resources that exist."""
    items, following = await existence.managed(namespace or [], cursor, limit)
    return ManagedSpaces(items=items, next_cursor=following)


@router.post("/spaces/comparison", status_code=204)
async def put_comparison(body: Comparison, caller: Operator, existence: Compared) -> None:
    """What comparing spaces and resources has found: an audit tells of it, and missing resources hold no slug."""
    await existence.note(body)


@router.get("/snapshot/spaces")
async def space_snapshot(caller: Projections, catalog: Service, asked: ById) -> SnapshotPage:
    """Every space as its last event told it, removed ones too, by id, or those with these ids."""
    events = await catalog.snapshot(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
