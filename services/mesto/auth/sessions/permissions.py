"""Who may use a session: whoever has its cookie, on Mesto's own pages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie
from mesto.common.errors import forbidden
from starlette.requests import HTTPConnection

COOKIE, COOKIE_PATH = "mesto_refresh", "/api/auth"


def cookie_name(request: HTTPConnection) -> str:
    """Return the cookie's name: with TLS one that browsers take over TLS only, so nobody on the way can set it."""
    return f"__Secure-{COOKIE}" if request.app.state.secure_cookies else COOKIE


class _SessionCookie(APIKeyCookie):
    async def __call__(self, request: HTTPConnection) -> str | None:
        return request.cookies.get(cookie_name(request))


async def old_session(request: Request) -> str | None:
    """Return the cookie where it is not needed: anybody may sign out, so its OpenAPI names no security."""
    return request.cookies.get(cookie_name(request))


_DESCRIPTION = f"Set by login and refresh; with TLS its name is __Secure-{COOKIE}."
_SESSION = _SessionCookie(name=COOKIE, scheme_name="session", description=_DESCRIPTION, auto_error=False)
Session = Annotated[str | None, Depends(_SESSION)]
OldSession = Annotated[str | None, Depends(old_session)]


async def same_origin(request: Request) -> None:
    """Refuse what another site's page sends along with our cookie."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
        raise forbidden("This must be called from Mesto's own pages.")
