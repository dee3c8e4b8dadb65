"""The internal API of auth: for the platform's own tools."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from mesto.auth.api.models import EnsuredAccount, Grant, User
from mesto.auth.api.public import Service
from mesto.common.api import Router, problems
from mesto.common.audit.snapshots import ById
from mesto.common.tokens import callers
from mesto.contracts.snapshots import SnapshotPage

router = Router()
Tools = Annotated[str, Depends(callers("cli"))]
Consumers = Annotated[str, Depends(callers("booking", "catalog", "notifications"))]


@router.post("/accounts/grant", responses=problems(404))
async def grant_role(_caller: Tools, body: Grant, service: Service) -> User:
    """Give an account a role; nothing changes when it has it."""
    return User.of(await service.grant(body.email, body.role))


@router.post("/accounts", responses=problems(409))
async def ensure_account(_caller: Tools, body: EnsuredAccount, service: Service) -> User:
    """Make the account as described, unless it is there; with ``replace`` change another one to be so."""
    account = await service.ensure(
        email=body.email,
        password=body.password,
        name=body.name,
        role=body.role,
        verified=body.verified,
        locale=body.locale,
        replace=body.replace,
    )
    return User.of(account)


@router.get("/snapshot/users")
async def user_snapshot(_caller: Consumers, asked: ById, service: Service) -> SnapshotPage:
    """Every account as its last event told it, by id, or those with these ids."""
    events = await service.snapshot(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.user_id, whole=bool(asked.id))
