"""The public API of registration."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from mesto.auth.accounts.schemas import User
from mesto.auth.client import RequestClient
from mesto.auth.registration.schemas import Registration
from mesto.auth.registration.service import Registrations
from mesto.common.http.api import Router, problems
from mesto.common.http.language import negotiate

router = Router()


async def _registrations(request: Request) -> Registrations:
    registrations: Registrations = request.app.state.auth.registrations
    return registrations


Service = Annotated[Registrations, Depends(_registrations)]


@router.post("/register", status_code=201, responses=problems(409, 429))
async def register(
    client: RequestClient,
    body: Registration,
    registrations: Service,
    accept_language: Annotated[str, Header(max_length=500)] = "",
) -> User:
    """Make an account. Mails come in the language of Accept-Language, the first with a link that verifies it."""
    account = await registrations.register(
        email=body.email,
        password=body.password,
        name=body.name,
        phone=body.phone,
        role=body.role,
        locale=negotiate(accept_language),
        client=client,
        consents=[consent.to_consent() for consent in body.consents],
    )
    return User.of(account)
