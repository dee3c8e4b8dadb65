"""The public API of verification."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from mesto.auth.verification.schemas import Addressee, Proof
from mesto.auth.verification.service import Verification
from mesto.common.http.api import Router, problems
from mesto.common.http.client_address import client_address

router = Router()


async def _verification(request: Request) -> Verification:
    verification: Verification = request.app.state.auth.verification
    return verification


Service = Annotated[Verification, Depends(_verification)]


@router.post("/verify", status_code=204, responses=problems(404, 410))
async def verify(body: Proof, verification: Service) -> None:
    """Verify an address by the token of the link that was mailed to it. It works once, on any device."""
    await verification.verify(body.token)


@router.post("/verify/resend", status_code=202)
async def resend_verification(request: Request, body: Addressee, verification: Service) -> None:
    """Mail another link, when there is an account that waits for one. The answer is always the same."""
    await verification.resend(body.email, client_address(request))
