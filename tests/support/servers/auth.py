"""An auth process without its ports, and what its tests do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from mesto.auth.bootstrap import Auth
from mesto.common.database.engine import Database
from mesto.contracts.events import Envelope
from mesto.contracts.policy import AuthPolicy
from sqlalchemy import text
from starlette.types import ASGIApp

PASSWORD = "korrekt-Pferd-7-batterie"
ANNA = {
    "email": "Anna@Example.org",
    "password": PASSWORD,
    "name": "Анна",
    "role": "renter",
    "phone": "+7 495 123-45-67",
}


@dataclass
class Stage:
    """An auth process without its ports."""

    http: httpx.AsyncClient
    tools: httpx.AsyncClient
    operator: httpx.AsyncClient
    database: Database
    auth: Auth
    public: ASGIApp

    def policy(self, **changes: Any) -> None:
        """The platform's policy from now on."""
        self.auth.configuration.policy = AuthPolicy.model_validate(changes)

    async def register(self, **changes: Any) -> httpx.Response:
        return await self.http.post("/api/auth/register", json=ANNA | changes)

    async def login(self, email: str = "anna@example.org", password: str = PASSWORD) -> httpx.Response:
        return await self.http.post("/api/auth/login", json={"email": email, "password": password})

    def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """Another device, with cookies of its own."""
        transport = httpx.ASGITransport(self.public, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://mesto.test")

    async def sql(self, statement: str) -> list[Any]:
        async with self.database.transaction() as connection:
            result = await connection.execute(text(statement))
            return list(result.all()) if result.returns_rows else []

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """What was told of one kind, in order; nothing relays it."""
        rows = await self.sql("SELECT body FROM auth.outbox ORDER BY id")
        told = [Envelope.model_validate_json(row.body) for row in rows]
        return [event.payload for event in told if event.type == kind]

    async def tokens(self, kind: str = "user.verification_requested") -> list[str]:
        """Of the links that were to be mailed."""
        return [str(event["token"]) for event in await self.events(kind)]


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and the stable end of the type of a problem."""
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]
