"""The public API of auth."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Response
from fastapi.security import APIKeyCookie
from mesto.auth.api.models import Addressee, Credentials, KeySet, Proof, Registration, Tokens, User
from mesto.auth.service import Accounts, SignedIn
from mesto.common.api import Router, problems
from mesto.common.client_address import client_address
from mesto.common.errors import forbidden, unauthorized
from mesto.common.language import negotiate
from mesto.common.tokens import CurrentUser
from starlette.requests import HTTPConnection

router = Router()
COOKIE, COOKIE_PATH = "mesto_refresh", "/api/auth"


async def accounts(request: Request) -> Accounts:
    """The service of this process."""
    found: Accounts = request.app.state.accounts
    return found


Service = Annotated[Accounts, Depends(accounts)]


def cookie_name(request: HTTPConnection) -> str:
    """With TLS a name that browsers take over TLS only, so that nobody on the way can put a cookie of theirs there."""
    return f"__Secure-{COOKIE}" if request.app.state.secure_cookies else COOKIE


class _SessionCookie(APIKeyCookie):
    async def __call__(self, request: HTTPConnection) -> str | None:
        return request.cookies.get(cookie_name(request))


async def old_session(request: Request) -> str | None:
    """The cookie where it is not needed: signing out is for everybody, so its OpenAPI names no security."""
    return request.cookies.get(cookie_name(request))


_DESCRIPTION = f"Set by login and refresh; with TLS its name is __Secure-{COOKIE}."
_SESSION = _SessionCookie(name=COOKIE, scheme_name="session", description=_DESCRIPTION, auto_error=False)
Session = Annotated[str | None, Depends(_SESSION)]
OldSession = Annotated[str | None, Depends(old_session)]
SIGNED_IN: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Set-Cookie": {"description": "The refresh token, HttpOnly.", "schema": {"type": "string"}},
            "Cache-Control": {"required": True, "schema": {"const": "no-store"}},
        }
    }
}


async def same_origin(request: Request) -> None:
    """Refuse what another site's page sends along with our cookie."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
        raise forbidden("This must be called from Mesto's own pages.")


def _answer(request: Request, response: Response, signed_in: SignedIn) -> Tokens:
    response.set_cookie(
        cookie_name(request),
        signed_in.refresh_token,
        max_age=signed_in.refresh_seconds,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure_cookies,
    )
    response.headers["Cache-Control"] = "no-store"
    return Tokens(access_token=signed_in.access_token, expires_in=signed_in.expires_in)


@router.post("/register", status_code=201, responses=problems(409, 429))
async def register(
    request: Request, body: Registration, service: Service, accept_language: Annotated[str, Header(max_length=500)] = ""
) -> User:
    """Make an account. Mails come in the language of Accept-Language, the first with a link that verifies it."""
    account = await service.register(
        email=body.email,
        password=body.password,
        name=body.name,
        phone=body.phone,
        role=body.role,
        locale=negotiate(accept_language),
        address=client_address(request),
    )
    return User.of(account)


@router.post("/verify", status_code=204, responses=problems(404, 410))
async def verify(body: Proof, service: Service) -> None:
    """Verify an address by the token of the link that was mailed to it. It works once, on any device."""
    await service.verification.verify(body.token)


@router.post("/verify/resend", status_code=202)
async def resend_verification(request: Request, body: Addressee, service: Service) -> None:
    """Mail another link, when there is an account that waits for one. The answer is always the same."""
    await service.verification.again(body.email, client_address(request))


@router.post("/login", responses={**SIGNED_IN, **problems(401, 403, 429)})
async def login(
    request: Request,
    response: Response,
    body: Credentials,
    service: Service,
    user_agent: Annotated[str, Header(max_length=2000)] = "",
) -> Tokens:
    """Sign in: an access token in the answer, a refresh token in an HttpOnly cookie."""
    address = client_address(request)
    signed_in = await service.login(email=body.email, password=body.password, address=address, user_agent=user_agent)
    return _answer(request, response, signed_in)


@router.post("/refresh", dependencies=[Depends(same_origin)], responses={**SIGNED_IN, **problems(403)})
async def refresh(request: Request, response: Response, service: Service, token: Session) -> Tokens:
    """The next access token of the session in the cookie, which gets a new refresh token."""
    if not token:
        raise unauthorized("There is no session. Sign in.")
    return _answer(request, response, await service.refresh(token))


@router.post("/logout", status_code=204, dependencies=[Depends(same_origin)], responses=problems(403))
async def logout(request: Request, response: Response, service: Service, token: OldSession) -> None:
    """End the session of the cookie."""
    await service.logout(token)
    secure = request.app.state.secure_cookies
    response.delete_cookie(cookie_name(request), path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure)


@router.get("/me", responses=problems(404))
async def me(user: CurrentUser, service: Service) -> User:
    """The account of the access token."""
    return User.of(await service.account(user.user_id))


@router.get("/.well-known/jwks.json")
async def jwks(service: Service, response: Response) -> KeySet:
    """The public keys that access tokens are signed with."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySet.model_validate(await service.keys.jwks())
