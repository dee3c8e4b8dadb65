"""Checks of tokens: those that services sign for each other, and access tokens of people by auth's JWKS."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from mesto.common.errors import Problem, forbidden, unauthorized
from mesto.common.identity import internal_tls
from mesto.common.identity.signing import INTERNAL_SECONDS
from mesto.common.identity.withdrawn_tokens import WithdrawnTokens
from mesto.common.settings import CommonSettings

log = structlog.get_logger(__name__)
REMEMBERED = 4096
"""Tokens whose check is not repeated while they last."""
ISSUER = "mesto-auth"
JWKS_SECONDS = 3.0
"""Until auth must have answered with its keys."""
_FRESH, _PAUSE, _PATIENCE = 300.0, 2.0, 0.5
LEEWAY_SECONDS = 5
"""How far the clocks of two machines may be apart: a token is not refused for a signer that is so much ahead."""
AUDIENCE = "mesto"
FRESH_FOR = timedelta(minutes=10)
"""Critical operations want their user to have proven so lately who they are."""


def _public_key(pem: bytes) -> PublicKeyTypes:
    """Return a public key, alone or in a certificate of which nothing else matters: the chart can make no other."""
    if b"BEGIN CERTIFICATE" in pem:
        return load_pem_x509_certificate(pem).public_key()
    return load_pem_public_key(pem)


class InternalVerifier:
    """Checks callers' tokens for one receiver by the public keys of ``<caller>.pub.pem``."""

    def __init__(self, public_dir: Path, receiver: str) -> None:
        self.receiver = receiver
        self.keys: dict[str, Ed25519PublicKey] = {}
        for path in sorted(public_dir.glob("*.pub.pem")):
            key = _public_key(path.read_bytes())
            assert isinstance(key, Ed25519PublicKey), f"{path} is not an Ed25519 public key"
            self.keys[path.name.removesuffix(".pub.pem")] = key

    def caller(self, token: str, method: str, path: str) -> str:
        """Return the caller's name.

        Raises Problem 401 for anything but a fresh token of a known caller for this receiver and this request.
        """
        try:
            key = self.keys[jwt.get_unverified_header(token).get("kid", "")]
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self.receiver,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "aud", "iss", "method", "path"]},
            )
        except (jwt.PyJWTError, KeyError) as error:
            raise unauthorized("This internal API needs a caller's token.") from error
        if claims["exp"] - claims["iat"] > INTERNAL_SECONDS or self.keys.get(claims["iss"]) is not key:
            raise unauthorized("This internal API needs a caller's token.")
        if (claims["method"], claims["path"]) != (method, path):
            raise unauthorized("This token was signed for another request.")
        return str(claims["iss"])


_ACCESS = HTTPBearer(
    scheme_name="accessToken", bearerFormat="JWT", description="`access_token` of auth's login.", auto_error=False
)
_INTERNAL = HTTPBearer(
    scheme_name="callerToken",
    bearerFormat="JWT",
    description="A token of 60 seconds that the caller has signed for this receiver, method and path (EdDSA).",
    auto_error=False,
)


def _bearer(given: HTTPAuthorizationCredentials | None) -> str:
    """Return the bearer token of a request. Raises Problem 401 when there is none."""
    if given is None or not given.credentials:
        raise unauthorized()
    return given.credentials.strip()


def callers(*names: str) -> Callable[..., Awaitable[str]]:
    """Return a dependency that lets only these in: ``caller: Annotated[str, Depends(callers("operator"))]``."""

    # Scopes only tell readers of the OpenAPI who may call.
    async def check(
        request: Request, given: HTTPAuthorizationCredentials | None = Security(_INTERNAL, scopes=names)
    ) -> str:
        verifier: InternalVerifier = request.app.state.internal_verifier
        caller = verifier.caller(_bearer(given), request.method, request.url.path)
        if caller not in names:
            raise forbidden(f"{caller} may not call this.")
        return caller

    return check


@dataclass(frozen=True)
class Principal:
    """Who is signed in. ``email`` is verified only when ``email_verified``.

    ``issued_at`` is when the token was (seconds since 1970); ``authenticated_at`` when its holder last proved who they
    are, None in tokens that do not say it.
    """

    user_id: UUID
    session_id: UUID
    email: str
    email_verified: bool
    roles: frozenset[str]
    issued_at: float
    authenticated_at: datetime | None = None


class UserVerifier:
    """Checks access tokens with auth's public keys, fetched once and again when a token names an unknown key.

    Keys are kept while auth is away, so a signed-in renter goes on. ``jwks`` fetches the JWKS document. All who wait
    share one attempt, and after it the next is made two seconds later: a silent auth holds nobody for longer than that.
    ``withdrawn`` are refused; somebody else keeps that list.
    """

    def __init__(
        self, jwks: Callable[[], Awaitable[dict[str, object]]], withdrawn: WithdrawnTokens | None = None
    ) -> None:
        self._jwks, self.withdrawn = jwks, withdrawn or WithdrawnTokens()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = self._attempted = -math.inf
        self._failed = False
        self._attempt: asyncio.Task[None] | None = None
        self._checked: OrderedDict[str, tuple[jwt.PyJWK, float, Principal]] = OrderedDict()

    @classmethod
    def from_auth(cls, settings: CommonSettings) -> UserVerifier:
        """Fetch keys from auth's internal port (public keys need no token)."""

        async def fetch() -> dict[str, object]:
            client = httpx.AsyncClient(timeout=JWKS_SECONDS, verify=internal_tls.trusted(settings))
            async with asyncio.timeout(JWKS_SECONDS), client:
                answer = await client.get(settings.auth_internal_url + "/.well-known/jwks.json")
                answer.raise_for_status()
                document: dict[str, object] = answer.json()
                return document

        return cls(fetch)

    async def _key(self, kid: str) -> jwt.PyJWK:
        known = kid in self._keys
        if not known or time.monotonic() - self._fetched > _FRESH:
            await self._refresh(_PATIENCE if known else None)
        if kid in self._keys:
            return self._keys[kid]
        if self._failed:
            raise Problem(
                503, "temporarily-unavailable", "Sign-in cannot be checked right now.", headers={"Retry-After": "2"}
            )
        raise unauthorized("The token was signed by an unknown key. Sign in again.")

    async def _refresh(self, patience: float | None) -> None:
        """Wait for the attempt that runs, or begin one; ``patience`` in seconds, None: to its end."""
        if self._attempt is None or self._attempt.done():
            if time.monotonic() - self._attempted < _PAUSE:
                return
            self._attempt = asyncio.create_task(self._fetch_keys())
        await asyncio.wait({self._attempt}, timeout=patience)

    async def _fetch_keys(self) -> None:
        try:
            document = await self._jwks()
            self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(document).keys if key.key_id}
            self._fetched, self._failed = time.monotonic(), False
        except Exception as error:
            log.warning("jwks_unreachable", error=repr(error))
            self._failed = True
        self._attempted = time.monotonic()

    def _remembered(self, token: str) -> Principal | None:
        """Return who holds a token that was checked before, while it lasts and its key is one of auth's."""
        key, until, principal = self._checked.get(token, (None, 0.0, None))
        if key is None or time.time() >= until or self._keys.get(str(key.key_id)) is not key:
            return None
        # The whole check follows now and then, so that keys that auth has withdrawn are noticed.
        return principal if time.monotonic() - self._fetched <= _FRESH else None

    async def principal(self, token: str) -> Principal:
        """Return who holds ``token``.

        Raises Problem 401 when it is expired, forged, withdrawn or not an access token.
        """
        holder = self._remembered(token) or await self._verified(token)
        if self.withdrawn.include(holder.session_id, holder.user_id, holder.issued_at):
            raise unauthorized("The access token is worth nothing any more. Refresh it or sign in again.")
        return holder

    async def _verified(self, token: str) -> Principal:
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "sid"]},
            )
            proven = claims.get("auth_time")
            principal = Principal(
                user_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                email=claims["email"],
                email_verified=bool(claims["email_verified"]),
                roles=frozenset(claims["roles"]),
                issued_at=float(claims.get("issued_at", claims["iat"])),
                authenticated_at=None if proven is None else datetime.fromtimestamp(float(proven), UTC),
            )
        except jwt.ExpiredSignatureError as error:
            raise unauthorized("The access token has expired. Refresh it or sign in again.") from error
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError) as error:
            raise unauthorized("The access token is not valid. Sign in again.") from error
        self._checked[token] = key, float(claims["exp"]), principal
        if len(self._checked) > REMEMBERED:
            self._checked.popitem(last=False)
        return principal


async def current_user(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_ACCESS)]
) -> Principal:
    """Return who is signed in: the dependency behind ``CurrentUser``."""
    verifier: UserVerifier = request.app.state.user_verifier
    return await verifier.principal(_bearer(given))


def role(*names: str) -> Callable[..., Awaitable[Principal]]:
    """Return a dependency that lets only users with one of these roles in."""

    async def check(user: Annotated[Principal, Depends(current_user)]) -> Principal:
        if not user.roles.intersection(names):
            raise forbidden("Your account has no right to do this.")
        return user

    return check


CurrentUser = Annotated[Principal, Depends(current_user)]


async def fresh_user(user: CurrentUser) -> Principal:
    """Return who is signed in and has lately proven who they are: the dependency behind ``FreshUser``."""
    if user.authenticated_at is None or datetime.now(UTC) - user.authenticated_at > FRESH_FOR:
        raise Problem(403, "step-up-needed", "Confirm first that it is you: sign in once more, then repeat this.")
    return user


FreshUser = Annotated[Principal, Depends(fresh_user)]
