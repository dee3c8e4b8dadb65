"""The public API of consents: one's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from mesto.auth.consents.schemas import ConsentIn, ConsentOut, DueTextOut
from mesto.auth.consents.schemas import Consents as ConsentsOut
from mesto.auth.consents.service import Consents
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _consents(request: Request) -> Consents:
    consents: Consents = request.app.state.auth.consents
    return consents


Service = Annotated[Consents, Depends(_consents)]


async def _to_response(consents: Consents, account_id: UUID, roles: Collection[str]) -> ConsentsOut:
    given = await consents.list_given(account_id)
    return ConsentsOut(
        items=[ConsentOut.of(consent) for consent in given],
        due=[DueTextOut.model_validate(text) for text in await consents.list_due(roles, given)],
    )


@router.get("/me/consents")
async def list_consents(user: CurrentUser, consents: Service) -> ConsentsOut:
    """What one has agreed to, and which texts have changed since."""
    return await _to_response(consents, user.user_id, user.roles)


@router.post("/me/consents", status_code=201, responses=problems(404))
async def give_consent(user: CurrentUser, body: ConsentIn, consents: Service) -> ConsentsOut:
    """Agree to a version of a text; agreeing twice is agreeing once. Answers all of one's consents."""
    await consents.give(user.user_id, body.to_consent())
    return await _to_response(consents, user.user_id, user.roles)
