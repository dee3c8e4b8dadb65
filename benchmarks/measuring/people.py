"""People with tokens: a key of our own stands for auth, whose speed is not what is measured."""

from __future__ import annotations

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Signer:
    """Serves its JWKS at ``url``, withdraws nothing, and signs access tokens."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        document = json.dumps({"keys": [{**public, "kid": "bench", "use": "sig", "alg": "EdDSA"}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                if self.path.startswith("/internal/withdrawals"):
                    time.sleep(10)  # as auth does while it has nothing to tell
                    self.wfile.write(b'{"items": [], "next_cursor": "0"}')
                else:
                    self.wfile.write(document)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def token(self, user_id: uuid.UUID) -> str:
        """An hour's access token of a renter."""
        now = int(time.time())
        who = {"sub": str(user_id), "sid": str(uuid.uuid4()), "email": f"{user_id}@example.org", "email_verified": True}
        claims = {"iss": "mesto-auth", "aud": "mesto", "iat": now, "exp": now + 3600, "roles": ["renter"], **who}
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": "bench"})
