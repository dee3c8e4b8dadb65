"""The public API of recovery."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request, Response
from mesto.auth.client import RequestClient
from mesto.auth.known_devices.permissions import DeviceToken, set_device_cookie
from mesto.auth.links.schemas import Addressee
from mesto.auth.recovery.schemas import NewPassword
from mesto.auth.recovery.service import Recovery
from mesto.common.http.api import Router, problems

router = Router()


async def _recovery(request: Request) -> Recovery:
    recovery: Recovery = request.app.state.auth.recovery
    return recovery


Service = Annotated[Recovery, Depends(_recovery)]


@router.post("/recover", status_code=202)
async def recover(client: RequestClient, body: Addressee, recovery: Service, afterwards: BackgroundTasks) -> None:
    """Mail a link that sets a new password, when there is an account of this address. The answer is always the same."""
    # Who has the address is looked up when the answer is out, so that it takes as long for one that nobody has.
    if await recovery.may_ask(body.email, client.address):
        afterwards.add_task(recovery.send, body.email, client)


@router.post("/recover/confirm", status_code=204, responses=problems(404, 410))
async def confirm_recovery(
    request: Request,
    response: Response,
    client: RequestClient,
    body: NewPassword,
    recovery: Service,
    device: DeviceToken,
) -> None:
    """Set a new password by the token of the link that was mailed, once. All sessions end, and the address is verified.

    The account knows the device that it comes from, and no other any more.

    A password that is too weak (422) leaves the link as it is.
    """
    set_device_cookie(request, response, await recovery.confirm(body.token, body.password, client, device))
