"""The public API of changing an account's address."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.client import RequestClient
from mesto.auth.email_change.schemas import NewEmail
from mesto.auth.email_change.service import EmailChange
from mesto.auth.links.schemas import Proof
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import CurrentUser, FreshUser

router = Router()


async def _email_change(request: Request) -> EmailChange:
    email_change: EmailChange = request.app.state.auth.email_change
    return email_change


Service = Annotated[EmailChange, Depends(_email_change)]


@router.post("/me/email", status_code=202, responses=problems(403, 404, 429))
async def change_email(client: RequestClient, user: FreshUser, body: NewEmail, email_change: Service) -> None:
    """Mail a link to the new address; once it is opened, the account has it. Until then `/me` shows it as pending.

    It needs a fresh sign-in (403 `step-up-needed`). The answer is the same for an address that somebody else has: its
    holder is told instead.
    """
    await email_change.request(user.user_id, body.email, client)


@router.delete("/me/email", status_code=204)
async def withdraw_email_change(user: CurrentUser, email_change: Service) -> None:
    """Take a pending change back: the link that was mailed works no more."""
    await email_change.withdraw(user.user_id)


@router.post("/me/email/confirm", status_code=204, responses=problems(404, 409, 410))
async def confirm_email_change(client: RequestClient, body: Proof, email_change: Service) -> None:
    """Give an account its new address by the token of the link that was mailed there, once, on any device.

    The former address is told, with a link that takes the change back.
    """
    await email_change.confirm(body.token, client)


@router.post("/me/email/undo", status_code=204, responses=problems(404, 409, 410))
async def undo_email_change(client: RequestClient, body: Proof, email_change: Service) -> None:
    """Give an account its former address back by the token of the link that was mailed there.

    All sessions end, and the password works no more: a link that sets a new one is mailed to the address.
    """
    await email_change.undo(body.token, client)
