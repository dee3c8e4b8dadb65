"""Access tokens: forged and stale ones are refused, keys can be changed while people are signed in."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mesto.auth.app import build
from mesto.auth.settings import AuthSettings
from support.servers.session_servers import DatabaseUrls


def write_key(folder: Path, kid: str) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    (folder / f"{kid}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    person = {"sub": str(uuid.uuid4()), "email": "a@example.org", "email_verified": False, "roles": ["admin"]}
    return {
        "iss": "mesto-auth",
        "aud": "mesto",
        "sid": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 60,
        **person,
        **changes,
    }


@pytest.fixture
async def keyed(
    fresh_database_urls: DatabaseUrls, key_folders: Any, tmp_path: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient, Ed25519PrivateKey]]:
    """Auth with two keys of ours, the first of which has been replaced: public and internal client, first key."""
    old = write_key(tmp_path, "2026-01")
    write_key(tmp_path, "2026-02")
    service = build(
        AuthSettings(
            service="auth",
            database_url=fresh_database_urls["auth"],
            auth_key_dir=tmp_path,
            internal_public_dir=key_folders.public_keys(),
        )
    )
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(service.public), base_url="http://mesto.test") as public,
        httpx.AsyncClient(transport=httpx.ASGITransport(service.internal), base_url="http://auth.internal") as internal,
    ):
        yield public, internal, old
    for close in service.closers[1:]:
        await close()


async def me(http: httpx.AsyncClient, token: str) -> int:
    return (await http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})).status_code


async def test_forged_and_stale_tokens_are_refused(keyed: Any) -> None:
    public, _, old = keyed
    published = (await public.get("/api/auth/.well-known/jwks.json")).json()["keys"]
    head = {"kid": "2026-01"}
    forged = {
        "no signature": jwt.encode(claims(), "", algorithm="none", headers=head),
        "another key": jwt.encode(claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers=head),
        "public key as secret": jwt.encode(claims(), published[0]["x"], algorithm="HS256", headers=head),
        "unknown key": jwt.encode(claims(), old, algorithm="EdDSA", headers={"kid": "2025-12"}),
        "another audience": jwt.encode(claims(aud="catalog"), old, algorithm="EdDSA", headers=head),
        "another issuer": jwt.encode(claims(iss="cli"), old, algorithm="EdDSA", headers=head),
        "expired": jwt.encode(claims(exp=int(time.time()) - 60), old, algorithm="EdDSA", headers=head),
        "nonsense": "a.b.c",
    }
    answers = {name: await me(public, token) for name, token in forged.items()}
    assert answers == dict.fromkeys(forged, 401)
    # The same claims with the right key get past the check: there is only nobody with this id.
    assert await me(public, jwt.encode(claims(), old, algorithm="EdDSA", headers=head)) == 404


async def test_the_last_key_signs_and_every_key_is_published_inside_and_outside(keyed: Any) -> None:
    public, internal, _ = keyed
    body = {"email": "a@example.org", "password": "korrekt-Pferd-7-batterie", "name": "A", "role": "renter"}
    assert (await public.post("/api/auth/register", json=body)).status_code == 201
    login = await public.post("/api/auth/login", json={"email": body["email"], "password": body["password"]})
    token = login.json()["access_token"]
    assert jwt.get_unverified_header(token)["kid"] == "2026-02"
    assert await me(public, token) == 200
    outside = (await public.get("/api/auth/.well-known/jwks.json")).json()
    assert [key["kid"] for key in outside["keys"]] == ["2026-01", "2026-02"]
    assert (await internal.get("/.well-known/jwks.json")).json() == outside
    assert not [key for key in outside["keys"] if "d" in key]
