"""Tokens between parts and of people: what is accepted, and everything that must not be."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fastapi import APIRouter, Depends, FastAPI
from mesto.common import errors
from mesto.common.errors import Problem
from mesto.common.identity import tokens
from mesto.common.identity.signing import CallerAuth
from mesto.common.identity.tokens import AUDIENCE, ISSUER, InternalVerifier, UserVerifier, fresh_user
from mesto.common.settings import CommonSettings
from mesto.contracts.sessions import Withdrawal


def write_pair(folder: Path, name: str) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.key.pem").write_bytes(private)
    (folder / f"{name}.pub.pem").write_bytes(public)
    return key


@pytest.fixture
def callers(tmp_path: Path) -> dict[str, Ed25519PrivateKey]:
    return {name: write_pair(tmp_path, name) for name in ("operator", "booking")}


REQUEST = "PUT", "/internal/spaces/один два"


def signed(tmp_path: Path, caller: str, receiver: str) -> str:
    settings = CommonSettings(internal_key_dir=tmp_path, internal_public_dir=tmp_path)
    request = httpx.Request(REQUEST[0], f"http://127.0.0.1{REQUEST[1]}?limit=1")
    next(CallerAuth(settings, caller, receiver).sync_auth_flow(request))
    return request.headers["authorization"].removeprefix("Bearer ")


CLAIMS = {"iss": "operator", "aud": "catalog", "method": REQUEST[0], "path": REQUEST[1]}


def internal(key: Any, **changes: Any) -> str:
    now = int(time.time())
    claims = CLAIMS | {"iat": now, "exp": now + 60} | changes
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "operator"})


def test_a_fresh_token_of_a_known_caller_is_accepted(tmp_path: Path, callers: dict[str, Ed25519PrivateKey]) -> None:
    verifier = InternalVerifier(tmp_path, "catalog")
    assert verifier.caller(signed(tmp_path, "operator", "catalog"), *REQUEST) == "operator"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "booking"},
        {"iss": "booking"},
        {"iat": int(time.time()) - 120, "exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 3600},
        {"exp": None},
        {"method": "DELETE"},
        {"path": "/internal/spaces/2"},
        {"method": None},
        {"path": None},
    ],
    ids=[
        *("for another receiver", "in another's name", "expired", "too long-lived", "without an end"),
        *("for another method", "for another path", "for any method", "for any path"),
    ],
)
def test_other_internal_tokens_are_refused(
    tmp_path: Path, callers: dict[str, Ed25519PrivateKey], changes: dict[str, Any]
) -> None:
    now = int(time.time())
    claims = CLAIMS | {"iat": now, "exp": now + 60} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    token = jwt.encode(claims, callers["operator"], algorithm="EdDSA", headers={"kid": "operator"})
    with pytest.raises(Problem) as refused:
        InternalVerifier(tmp_path, "catalog").caller(token, *REQUEST)
    assert refused.value.status == 401


async def test_a_token_that_was_overheard_opens_no_other_address(
    tmp_path: Path, callers: dict[str, Ed25519PrivateKey]
) -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/things/{name}")
    @router.delete("/things/{name}")
    async def thing(_caller: Annotated[str, Depends(tokens.callers("operator"))], name: str) -> str:
        return name

    app.include_router(router, prefix="/internal")
    errors.install(app)
    app.state.internal_verifier = InternalVerifier(tmp_path, "catalog")
    auth = CallerAuth(CommonSettings(internal_key_dir=tmp_path), "operator", "catalog")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog/internal") as http:
        answer = await http.get("/things/один два", params={"q": "1"}, auth=auth)
        assert answer.json() == "один два"
        overheard = {"Authorization": answer.request.headers["authorization"]}
        assert (await http.get("/things/один два", headers=overheard)).status_code == 200
        for method, path in (("DELETE", "/things/один два"), ("GET", "/things/two")):
            refused = await http.request(method, path, headers=overheard)
            assert (refused.status_code, "another request" in refused.json()["detail"]) == (401, True)


def test_a_token_signed_by_another_key_is_refused(tmp_path: Path, callers: dict[str, Ed25519PrivateKey]) -> None:
    for token in (internal(callers["booking"]), "nonsense", "a.b.c", ""):
        with pytest.raises(Problem):
            InternalVerifier(tmp_path, "catalog").caller(token, *REQUEST)


class Keys:
    """A JWKS source that can be emptied, renewed and taken away."""

    def __init__(self) -> None:
        self.key, self.kid, self.fetched, self.down = Ed25519PrivateKey.generate(), "k1", 0, False
        self.silence: asyncio.Event | None = None

    async def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        if self.silence is not None:
            await self.silence.wait()
        if self.down:
            raise httpx.ConnectError("down")
        document = jwt.algorithms.OKPAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [document | {"kid": self.kid, "alg": "EdDSA", "use": "sig"}]}

    def token(self, **changes: Any) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid4()),
            "sid": str(uuid4()),
            "email": "a@example.org",
            "email_verified": False,
            "roles": ["renter"],
            "iat": time.time(),
            "exp": int(time.time()) + 60,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": self.kid})


async def test_an_access_token_tells_who_it_is() -> None:
    keys = Keys()
    user = uuid4()
    principal = await UserVerifier(keys).principal(keys.token(sub=str(user)))
    assert (principal.user_id, principal.roles, principal.email_verified) == (user, frozenset({"renter"}), False)


async def test_a_signer_whose_clock_is_a_little_ahead_signs_tokens_that_are_taken_at_once() -> None:
    keys = Keys()
    verifier = UserVerifier(keys)
    for ahead in (0.5, 3):
        await verifier.principal(keys.token(iat=time.time() + ahead, nbf=time.time() + ahead))
    with pytest.raises(Problem) as refused:
        await verifier.principal(keys.token(iat=time.time() + 60))
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "changes", [{"exp": 1}, {"aud": "x"}, {"iss": "x"}, {"sub": "x"}, {"roles": None}, {"exp": None}, {"iat": None}]
)
async def test_other_access_tokens_are_refused(changes: dict[str, Any]) -> None:
    keys = Keys()
    with pytest.raises(Problem) as refused:
        await UserVerifier(keys).principal(keys.token(**changes))
    assert refused.value.status == 401


async def test_an_unsigned_token_is_refused() -> None:
    keys = Keys()
    verifier = UserVerifier(keys)
    await verifier.principal(keys.token())
    claims = jwt.decode(keys.token(), options={"verify_signature": False})
    forged = jwt.encode(claims, None, algorithm="none", headers={"kid": keys.kid})
    with pytest.raises(Problem):
        await verifier.principal(forged)


def pass_by(verifier: UserVerifier, seconds: float) -> None:
    """So much time has passed for the verifier."""
    verifier._fetched -= seconds
    verifier._attempted -= seconds


async def test_known_keys_go_on_while_auth_is_away_and_unknown_ones_say_try_again() -> None:
    keys = Keys()
    verifier = UserVerifier(keys)
    token = keys.token()
    await verifier.principal(token)
    keys.down = True
    pass_by(verifier, 1000)
    await verifier.principal(token)
    keys.key, keys.kid = Ed25519PrivateKey.generate(), "k2"
    pass_by(verifier, 1000)
    with pytest.raises(Problem) as refused:
        await verifier.principal(keys.token())
    assert refused.value.status == 503


async def test_a_rotated_key_is_fetched_once_it_is_named() -> None:
    keys = Keys()
    verifier = UserVerifier(keys)
    await verifier.principal(keys.token())
    keys.key, keys.kid = Ed25519PrivateKey.generate(), "k2"
    pass_by(verifier, 3)
    await verifier.principal(keys.token())
    assert keys.fetched == 2


async def test_all_who_wait_for_a_silent_auth_share_one_attempt_and_known_people_hardly_wait() -> None:
    keys = Keys()
    verifier = UserVerifier(keys)
    known = keys.token()
    await verifier.principal(known)
    pass_by(verifier, 1000)
    keys.key, keys.kid = Ed25519PrivateKey.generate(), "k2"
    keys.silence = asyncio.Event()
    fetched = keys.fetched
    unknown = [asyncio.create_task(verifier.principal(keys.token())) for _ in range(50)]
    await verifier.principal(known)
    assert not any(task.done() for task in unknown)
    keys.down = True
    keys.silence.set()
    problems = await asyncio.gather(*unknown, return_exceptions=True)
    assert {getattr(problem, "status", problem) for problem in problems} == {503}
    assert keys.fetched == fetched + 1


async def test_withdrawn_tokens_are_refused_also_those_that_were_checked_before() -> None:
    keys, session, account = Keys(), uuid4(), uuid4()
    verifier = UserVerifier(keys)
    now = time.time()
    old = keys.token(sid=str(session), sub=str(account), iat=now - 10)
    elsewhere = keys.token(sub=str(account), iat=now - 10)
    await verifier.principal(old)
    verifier.withdrawn.add([Withdrawal(subject=session, before=None)])
    for token in (old, keys.token(sid=str(session), iat=now + 1)):
        with pytest.raises(Problem) as refused:
            await verifier.principal(token)
        assert refused.value.status == 401
    await verifier.principal(elsewhere)
    verifier.withdrawn.add([Withdrawal(subject=account, before=datetime.fromtimestamp(now - 5, UTC))])
    with pytest.raises(Problem):
        await verifier.principal(elsewhere)
    await verifier.principal(keys.token(sub=str(account), iat=now - 4))


@pytest.mark.parametrize(("proven", "status"), [(0, None), (599, None), (601, 403), (None, 403)])
async def test_a_critical_operation_wants_a_fresh_proof(proven: int | None, status: int | None) -> None:
    keys = Keys()
    claims = {} if proven is None else {"auth_time": time.time() - proven}
    holder = await UserVerifier(keys).principal(keys.token(**claims))
    if status is None:
        assert await fresh_user(holder) == holder
    else:
        with pytest.raises(Problem) as refused:
            await fresh_user(holder)
        assert (refused.value.status, refused.value.slug) == (status, "step-up-needed")
