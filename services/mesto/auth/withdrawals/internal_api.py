"""The internal API of withdrawn tokens: every service that takes access tokens follows it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from mesto.auth.withdrawals.service import TokenWithdrawals
from mesto.common.http.api import Router
from mesto.common.identity.tokens import callers
from mesto.contracts.sessions import Withdrawals

router = Router()
Services = Annotated[str, Depends(callers("booking", "catalog", "geo", "notifications"))]


async def _withdrawals(request: Request) -> TokenWithdrawals:
    withdrawals: TokenWithdrawals = request.app.state.auth.withdrawals
    return withdrawals


Service = Annotated[TokenWithdrawals, Depends(_withdrawals)]


@router.get("/withdrawals")
async def list_withdrawals(
    _caller: Services,
    withdrawals: Service,
    cursor: Annotated[str, Query(max_length=100)] = "",
    wait: Annotated[float, Query(ge=0, le=25, allow_inf_nan=False)] = 0,
) -> Withdrawals:
    """Access tokens withdrawn after the cursor (empty: all that still matter), waiting up to ``wait`` seconds."""
    items, following = await withdrawals.page(cursor, wait)
    return Withdrawals(items=items, next_cursor=following)
