"""The public API of sessions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from mesto.auth.client import RequestClient
from mesto.auth.known_devices.permissions import DeviceToken, set_device_cookie
from mesto.auth.sessions import rules
from mesto.auth.sessions.permissions import COOKIE_PATH, OldSession, Session, cookie_name, same_origin
from mesto.auth.sessions.providers.places import Places
from mesto.auth.sessions.schemas import Credentials, PasswordAgain, SessionList, SessionView, Tokens
from mesto.auth.sessions.service import Sessions, SignedIn
from mesto.common.errors import unauthorized
from mesto.common.http.api import InLanguage, Router, problems
from mesto.common.identity.tokens import CurrentUser

router = Router()


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.auth.sessions
    return sessions


async def _places(request: Request) -> Places:
    places: Places = request.app.state.auth.places
    return places


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
    if signed_in.refresh_token is not None:
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
    signed_in = await sessions.login(
        email=body.email, password=body.password, client=client, remember=body.remember, device=device
    )
    return _respond_with_tokens(request, response, signed_in)


@router.post("/refresh", dependencies=[Depends(same_origin)], responses={**SIGNED_IN, **problems(403)})
async def refresh(
    request: Request, response: Response, client: RequestClient, sessions: Service, token: Session
) -> Tokens:
    """The next access token of the session in the cookie, which gets a new refresh token."""
    if not token:
        raise unauthorized("There is no session. Sign in.")
    return _respond_with_tokens(request, response, await sessions.refresh(token, client))


@router.post("/logout", status_code=204, dependencies=[Depends(same_origin)], responses=problems(403))
async def logout(
    request: Request, response: Response, client: RequestClient, sessions: Service, token: OldSession
) -> None:
    """End the session of the cookie."""
    await sessions.logout(token, client)
    secure = request.app.state.secure_cookies
    response.delete_cookie(cookie_name(request), path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure)


@router.post("/step-up", responses={**SIGNED_IN, **problems(404, 429)})
async def step_up(
    request: Request,
    response: Response,
    user: CurrentUser,
    body: PasswordAgain,
    client: RequestClient,
    sessions: Service,
    device: DeviceToken,
) -> Tokens:
    """Prove again who one is: for ten minutes the access token in the answer is good for critical operations, too."""
    return _respond_with_tokens(request, response, await sessions.step_up(user, body.password, client, device))


@router.get("/sessions")
async def list_sessions(
    user: CurrentUser,
    sessions: Service,
    places: Annotated[Places, Depends(_places)],
    language: InLanguage,
    response: Response,
) -> SessionList:
    """Where the account is signed in, the last used first."""
    response.headers["Cache-Control"] = "no-store"
    items = []
    for session in await sessions.list_alive(user.user_id):
        device = rules.device(session.user_agent)
        items.append(
            SessionView(
                id=session.id,
                device=device.name,
                device_kind=device.kind,
                place=places.find(session.network, language),
                signed_in_at=session.created_at,
                last_seen_at=session.used_at,
                expires_at=session.expires_at,
                current=session.id == user.session_id,
            )
        )
    return SessionList(items=items)


@router.delete("/sessions", status_code=204)
async def end_other_sessions(user: CurrentUser, client: RequestClient, sessions: Service) -> None:
    """Sign out everywhere but here."""
    await sessions.end_others(user, client)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(404))
async def end_session(user: CurrentUser, client: RequestClient, sessions: Service, session_id: UUID) -> None:
    """End one session of the account: its tokens are refused by every service within two seconds."""
    await sessions.end_one(user, session_id, client)
