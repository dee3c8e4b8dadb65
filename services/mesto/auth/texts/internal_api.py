"""The operator's part of texts: what the PlatformConfig declares comes in here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from mesto.auth.texts.api import Service
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.fields import INT64
from mesto.contracts.platform_texts import TextDelivery, TextName, TextState, TextStates

router = Router(tags=["texts"])
BODY_BYTES = 512 * 1024  # a text in two languages, 50,000 characters of up to four bytes each, and some room
Operator = Annotated[str, Depends(callers("operator"))]


@router.get("/texts")
async def list_text_states(caller: Operator, texts: Service) -> TextStates:
    """Which texts are shown, by their versions."""
    return await texts.states()


@router.put("/texts/{name}", responses=problems(409))
async def put_text(name: TextName, body: TextDelivery, caller: Operator, texts: Service) -> TextState:
    """Show a text from now on; the version before is kept for those who have agreed to it."""
    return await texts.deliver(name, body)


@router.delete("/texts/{name}", status_code=204)
async def withdraw_text(
    name: TextName,
    caller: Operator,
    texts: Service,
    uid: Annotated[UUID, Query(description="The uid of the PlatformConfig that declares it no more.")],
    generation: Annotated[int, Query(ge=1, le=INT64, description="Of the PlatformConfig.")],
) -> None:
    """Show a text no more; nothing when it is not shown, or a newer generation declares it."""
    await texts.withdraw(name, uid, generation)
