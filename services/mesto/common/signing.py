"""How one part signs its requests to another: EdDSA tokens of 60 seconds, which ``tokens`` checks.

Apart from the checks, for those who call serve no HTTP and need nothing of a web framework.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator
from uuid import uuid4

import httpx
import jwt
from mesto.common import telemetry
from mesto.common.settings import CommonSettings

INTERNAL_SECONDS = 60


class CallerAuth(httpx.Auth):
    """Signs each request as ``caller`` for ``receiver``. Raises FileNotFoundError without the caller's key."""

    def __init__(self, settings: CommonSettings, caller: str, receiver: str) -> None:
        assert settings.internal_key_dir is not None, "MESTO_INTERNAL_KEY_DIR is not set"
        self._key = (settings.internal_key_dir / f"{caller}.key.pem").read_bytes()
        self.caller, self.receiver = caller, receiver
        self._token, self._until = "", 0.0

    def _current(self) -> str:
        now = time.time()
        if now > self._until:
            claims = {
                "iss": self.caller,
                "aud": self.receiver,
                "iat": int(now),
                "exp": int(now) + INTERNAL_SECONDS,
                "jti": uuid4().hex,
            }
            self._token = jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self.caller})
            self._until = now + INTERNAL_SECONDS / 2
        return self._token

    def _sign(self, request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {self._current()}"
        if current := telemetry.request_id.get():
            request.headers[telemetry.HEADER] = current

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._sign(request)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        self._sign(request)
        yield request
