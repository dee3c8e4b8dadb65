"""How one part signs its requests to another: EdDSA tokens of 60 seconds for one address, which ``tokens`` checks.

Apart from the checks, for those who call serve no HTTP and need nothing of a web framework.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from mesto.common.observability.request_context import HEADER, request_id
from mesto.common.settings import CommonSettings

INTERNAL_SECONDS = 60


class CallerAuth(httpx.Auth):
    """Signs each request as ``caller`` for ``receiver``; a token is good for its method and path and no others.

    Raises FileNotFoundError without the caller's key.
    """

    def __init__(self, settings: CommonSettings, caller: str, receiver: str) -> None:
        assert settings.internal_key_dir is not None, "MESTO_INTERNAL_KEY_DIR is not set"
        key = load_pem_private_key((settings.internal_key_dir / f"{caller}.key.pem").read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey), f"the key of {caller} is not an Ed25519 key"
        self._key = key
        self.caller, self.receiver = caller, receiver

    def token(self, method: str, path: str) -> str:
        """Return a token for one request; ``path`` is decoded, as the receiver sees it."""
        now = int(time.time())
        claims = {
            "iss": self.caller,
            "aud": self.receiver,
            "iat": now,
            "exp": now + INTERNAL_SECONDS,
            "jti": uuid4().hex,
            "method": method,
            "path": path,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self.caller})

    def _sign(self, request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {self.token(request.method, request.url.path)}"
        if current := request_id.get():
            request.headers[HEADER] = current

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._sign(request)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        self._sign(request)
        yield request
