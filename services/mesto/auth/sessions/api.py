"""The public API of sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from mesto.auth.client import RequestClient
from mesto.auth.known_devices.permissions import DeviceToken, set_device_cookie
from mesto.auth.sessions.permissions import COOKIE_PATH, OldSession, Session, cookie_name, same_origin
from mesto.auth.sessions.schemas import Credentials, Tokens
from mesto.auth.sessions.service import Sessions, SignedIn
from mesto.common.errors import unauthorized
from mesto.common.http.api import Router, problems

router = Router()


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.auth.sessions
    return sessions


Service = Annotated[Sessions, Depends(_sessions)]
SIGNED_IN: dict[int | str, dict[str, object]] = {
    200: {
        "headers": {
            "Set-Cookie": {"description": "The refresh token, HttpOnly.", "schema": {"type": "string"}},
            "Cache-Control": {"required": True, "schema": {"const": "no-store"}},
        }
    }
}


def _respond_with_tokens(request: Request, response: Response, signed_in: SignedIn) -> Tokens:
    response.set_cookie(
        cookie_name(request),
        signed_in.refresh_token,
        max_age=signed_in.refresh_seconds,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure_cookies,
    )
    if signed_in.device_token:
        set_device_cookie(request, response, signed_in.device_token)
    response.headers["Cache-Control"] = "no-store"
    return Tokens(access_token=signed_in.access_token, expires_in=signed_in.expires_in)


@router.post("/login", responses={**SIGNED_IN, **problems(401, 403, 429)})
async def login(
    request: Request,
    response: Response,
    body: Credentials,
    client: RequestClient,
    sessions: Service,
    device: DeviceToken,
) -> Tokens:
    """Sign in: an access token in the answer, a refresh token in an HttpOnly cookie.

    Another such cookie makes the device known: limits of guessing the account's password elsewhere do not reach it.
    """
    signed_in = await sessions.login(email=body.email, password=body.password, client=client, device=device)
    return _respond_with_tokens(request, response, signed_in)


@router.post("/refresh", dependencies=[Depends(same_origin)], responses={**SIGNED_IN, **problems(403)})
async def refresh(request: Request, response: Response, sessions: Service, token: Session) -> Tokens:
    """The next access token of the session in the cookie, which gets a new refresh token."""
    if not token:
        raise unauthorized("There is no session. Sign in.")
    return _respond_with_tokens(request, response, await sessions.refresh(token))


@router.post("/logout", status_code=204, dependencies=[Depends(same_origin)], responses=problems(403))
async def logout(request: Request, response: Response, sessions: Service, token: OldSession) -> None:
    """End the session of the cookie."""
    await sessions.logout(token)
    secure = request.app.state.secure_cookies
    response.delete_cookie(cookie_name(request), path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure)
