"""The internal API of declarations: the operator declares spaces here."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from mesto.catalog.declarations.service import Declarations
from mesto.common.errors import Problem
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.proposals import AffectedQuestion, SpaceAffected
from mesto.contracts.spaces import (
    Fault,
    ResourceName,
    SpaceAnswer,
    SpaceAnswers,
    SpaceRefusal,
    SpaceState,
    SpaceUpsert,
    SpaceUpsertResult,
    SpaceUpserts,
)

BODY_BYTES = 4 * 1024 * 1024  # a resource in Kubernetes is at most 1.5 MiB; here defaults are written out
# {uid:uuid}: so that changes is never taken for the id of a space.
router = Router(tags=["spaces"])
Operator = Annotated[str, Depends(callers("operator"))]
Asker = Annotated[str, Depends(callers("cli", "operator"))]


async def _declarations(request: Request) -> Declarations:
    declarations: Declarations = request.app.state.catalog.declarations
    return declarations


Service = Annotated[Declarations, Depends(_declarations)]


@router.post("/spaces")
async def put_spaces(body: SpaceUpserts, caller: Operator, declarations: Service) -> SpaceAnswers:
    """Store generations of several declared spaces in one transaction; each has an answer of its own."""
    answers = await declarations.upsert_all([(item.uid, item) for item in body.items])
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
async def put_space(uid: UUID, body: SpaceUpsert, caller: Operator, declarations: Service) -> SpaceUpsertResult:
    """Store a generation of a declared space; the same one again changes nothing.

    One that would strand bookings is refused (409) unless it says that this is accepted.
    """
    return await declarations.upsert(uid, body)


@router.get("/spaces/{uid:uuid}", responses=problems(404))
async def get_declared_space(uid: UUID, caller: Operator, declarations: Service) -> SpaceState:
    """What is stored for a resource, and what services have answered."""
    return await declarations.get(uid)


@router.post("/spaces/{uid:uuid}/affected", responses=problems(404, 424))
async def ask_affected(uid: UUID, body: AffectedQuestion, caller: Asker, declarations: Service) -> SpaceAffected:
    """How many bookings another spec, or the removal, of a declared space would strand; nothing is changed."""
    return await declarations.count_affected(uid, body.spec)


@router.delete("/spaces/{uid:uuid}", status_code=204, responses=problems(404, 409, 424))
async def delete_space(
    uid: UUID,
    policy: Literal["retain", "delete"],
    caller: Operator,
    declarations: Service,
    accept_affected: Annotated[bool, Query(description="Although it strands bookings.")] = False,
    release_to: Annotated[
        ResourceName | Literal[""] | None,
        Query(description="The resource that may take the retained space; empty: none, absent: as it was."),
    ] = None,
) -> None:
    """The resource is gone: keep its space unmanaged and unpublished, or remove it."""
    await declarations.remove(uid, policy, accept_affected=accept_affected, release_to=release_to)
