"""The cookie by which a device is known. It opens nothing: it only lets somebody try a password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from mesto.auth.known_devices.service import KEPT
from starlette.requests import HTTPConnection

COOKIE, COOKIE_PATH = "mesto_device", "/api/auth"
_LONGEST = 100


def _cookie_name(request: HTTPConnection) -> str:
    """Return the cookie's name: with TLS one that browsers take over TLS only, so nobody on the way can set it."""
    return f"__Secure-{COOKIE}" if request.app.state.secure_cookies else COOKIE


async def _device_token(request: Request) -> str | None:
    token = request.cookies.get(_cookie_name(request), "")
    return token if 0 < len(token) <= _LONGEST else None


DeviceToken = Annotated[str | None, Depends(_device_token)]
"""The token of the device that a request comes from, None for one that brings none."""


def set_device_cookie(request: HTTPConnection, response: Response, token: str) -> None:
    """Let the device keep its token."""
    response.set_cookie(
        _cookie_name(request),
        token,
        max_age=int(KEPT.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure_cookies,
    )
