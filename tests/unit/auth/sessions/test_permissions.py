"""The cookie of a session: its name and its flags, with TLS and without."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from mesto.auth.app import openapi_apps
from mesto.auth.sessions.permissions import COOKIE
from mesto.auth.sessions.service import SignedIn


class Sessions:
    """Knows one session."""

    def __init__(self) -> None:
        self.refreshed: list[str | None] = []

    async def refresh(self, token: str, *_: Any) -> SignedIn:
        self.refreshed.append(token)
        return SignedIn(access_token="a", expires_in=600, refresh_token="next", refresh_seconds=3600)

    async def logout(self, token: str | None, *_: Any) -> None:
        self.refreshed.append(token)


@pytest.mark.parametrize(("secure", "name", "scheme"), [(True, f"__Secure-{COOKIE}", "https"), (False, COOKIE, "http")])
async def test_with_tls_the_cookie_has_a_name_that_plain_http_cannot_set(secure: bool, name: str, scheme: str) -> None:
    app, known = openapi_apps()["public"], Sessions()
    app.state.secure_cookies, app.state.auth = secure, SimpleNamespace(sessions=known)
    transport = httpx.ASGITransport(app)
    other = COOKIE if secure else f"__Secure-{COOKIE}"
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://mesto.test/api/auth") as http:
        planted = await http.post("/refresh", headers={"Cookie": f"{other}=planted"})
        assert planted.status_code == 401
        refreshed = await http.post("/refresh", headers={"Cookie": f"{other}=planted; {name}=given"})
        set_cookie = refreshed.headers["set-cookie"]
        assert set_cookie.startswith(f"{name}=next;")
        assert ("Secure" in set_cookie.split("; ")) == secure
        assert {"HttpOnly", "Path=/api/auth", "SameSite=strict"} <= set(set_cookie.split("; "))
        ended = await http.post("/logout")
        assert ended.headers["set-cookie"].startswith(f'{name}="";')
        assert ("Secure" in ended.headers["set-cookie"].split("; ")) == secure  # else a browser would keep it
    assert known.refreshed == ["given", "next"]
