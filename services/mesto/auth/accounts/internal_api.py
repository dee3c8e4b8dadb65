"""The internal API of accounts: for the platform's own tools, and for those who keep copies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.accounts.schemas import EnsuredAccount, Grant, LogEntry, LogPage, LogQuery, User
from mesto.auth.accounts.service import Accounts
from mesto.common.consistency.snapshots import ById
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.snapshots import SnapshotPage

router = Router()


async def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.auth.accounts
    return accounts


Service = Annotated[Accounts, Depends(_accounts)]
Tools = Annotated[str, Depends(callers("cli"))]
Consumers = Annotated[str, Depends(callers("booking", "catalog", "notifications"))]


@router.post("/accounts/grant", responses=problems(404))
async def grant_role(_caller: Tools, body: Grant, accounts: Service) -> User:
    """Give an account a role; nothing changes when it has it."""
    return User.of(await accounts.grant(body.email, body.role))


@router.post("/accounts", responses=problems(409))
async def ensure_account(_caller: Tools, body: EnsuredAccount, accounts: Service) -> User:
    """Make the account as described, unless it is there; with ``replace`` change another one to be so."""
    account = await accounts.ensure(
        email=body.email,
        password=body.password,
        name=body.name,
        role=body.role,
        verified=body.verified,
        locale=body.locale,
        replace=body.replace,
    )
    return User.of(account)


@router.post("/accounts/log", responses=problems(404))
async def read_security_log(_caller: Tools, body: LogQuery, accounts: Service) -> LogPage:
    """The latest entries of the security log: everybody's, or those about or by whoever has an e-mail.

    Asked by POST, for addresses of requests are written into logs.
    """
    entries = await accounts.security_entries(body.email, body.since, body.limit)
    return LogPage(items=[LogEntry.of(entry) for entry in entries])


@router.get("/snapshot/users")
async def user_snapshot(_caller: Consumers, asked: ById, accounts: Service) -> SnapshotPage:
    """Every account as its last event told it, by id, or those with these ids."""
    events = await accounts.snapshot(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.user_id, whole=bool(asked.id))
