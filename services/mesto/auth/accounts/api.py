"""The public API of accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.accounts.schemas import User
from mesto.auth.accounts.service import Accounts
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.auth.accounts
    return accounts


Service = Annotated[Accounts, Depends(_accounts)]


@router.get("/me", responses=problems(404))
async def me(user: CurrentUser, accounts: Service) -> User:
    """The account of the access token."""
    return User.of(await accounts.get(user.user_id))
