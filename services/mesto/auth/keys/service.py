"""Signing keys of access tokens and their public side (JWKS)."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from mesto.common.identity.tokens import AUDIENCE, ISSUER


class SigningKeys:
    """All keys of a folder. Raises ValueError when there is none, or one is not Ed25519."""

    def __init__(self, folder: Path) -> None:
        self._keys: dict[str, Ed25519PrivateKey] = {}
        for path in sorted(folder.glob("*.pem")):
            key = load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise ValueError(f"{path} is not an Ed25519 key")
            self._keys[path.stem] = key
        if not self._keys:
            raise ValueError(f"no signing key (<kid>.pem) in {folder}")
        self.current = max(self._keys)

    async def jwks(self) -> dict[str, object]:
        """Return the public keys as a JSON Web Key Set."""
        keys = []
        for kid, key in self._keys.items():
            public = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
            keys.append(public | {"kid": kid, "use": "sig", "alg": "EdDSA"})
        return {"keys": keys}

    def access_token(
        self,
        *,
        account_id: UUID,
        session_id: UUID,
        email: str,
        email_verified: bool,
        roles: list[str],
        authenticated_at: datetime,
        seconds: int,
    ) -> str:
        """Return a signed access token that ends after ``seconds``."""
        now = time.time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": str(session_id),
            "iat": int(now),
            "exp": int(now) + seconds,
            # Whole seconds would not tell it from one that was withdrawn just before.
            "issued_at": round(now, 3),
            "auth_time": int(authenticated_at.timestamp()),
            "email": email,
            "email_verified": email_verified,
            "roles": roles,
        }
        return jwt.encode(claims, self._keys[self.current], algorithm="EdDSA", headers={"kid": self.current})
