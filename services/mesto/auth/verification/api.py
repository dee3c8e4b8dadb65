"""The public API of verification."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request
from mesto.auth.client import RequestClient
from mesto.auth.links.schemas import Addressee, Proof
from mesto.auth.verification.service import Verification
from mesto.common.http.api import Router, problems

router = Router()


async def _verification(request: Request) -> Verification:
    verification: Verification = request.app.state.auth.verification
    return verification


Service = Annotated[Verification, Depends(_verification)]


@router.post("/verify", status_code=204, responses=problems(404, 410))
async def verify(body: Proof, client: RequestClient, verification: Service) -> None:
    """Verify an address by the token of the link that was mailed to it. It works once, on any device."""
    await verification.verify(body.token, client)


@router.post("/verify/resend", status_code=202)
async def resend_verification(
    client: RequestClient, body: Addressee, verification: Service, afterwards: BackgroundTasks
) -> None:
    """Mail another link, when there is an account that waits for one. The answer is always the same."""
    # Who has the address is looked up when the answer is out, so that it takes as long for one that nobody has.
    if await verification.may_ask(body.email, client.address):
        afterwards.add_task(verification.send, body.email)
