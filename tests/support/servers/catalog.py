"""Helpers of catalog's tests: bodies to declare, and a catalog with clients for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from mesto.catalog.bootstrap import Catalog
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.tables import OUTBOX
from mesto.common.identity.signing import CallerAuth
from mesto.common.server import Service
from mesto.contracts.events import CityChanged, UserChanged, VerifiedAddress
from mesto.contracts.places import Location
from mesto.contracts.text import Text
from sqlalchemy import select, text
from support.waiting import eventually_async

DESK: dict[str, Any] = {
    "name": "open-space",
    "kind": "hot_desk",
    "seats": 3,
    "prices": [{"per": "hour", "amount": "250.00", "currency": "RUB"}],
}


def spec_of(**changes: Any) -> dict[str, Any]:
    """A declared spec that is accepted and bookable."""
    declared: dict[str, Any] = {
        "title": {"ru": "Лофт", "en": "Loft"},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "time_zone": "Europe/Moscow",
        "opening_hours": [{"days": ["mon", "tue"], "open": "08:00", "close": "22:00"}],
        "amenities": ["wifi", "coffee"],
        "owner_email": "owner@example.org",
        "contacts": {"phone": "+74951234567"},
        "resources": [DESK],
    }
    return declared | changes


def upsert_of(name: str = "loft", **changes: Any) -> dict[str, Any]:
    """The body of an upsert; ``spec`` replaces the whole spec."""
    return {"namespace": "moscow", "name": name, "generation": 1, "slug": name, "spec": spec_of()} | changes


def item_of(name: str, uid: UUID | None = None, **changes: Any) -> dict[str, Any]:
    """One upsert of several in a request."""
    return {"uid": str(uid or uuid4()), **upsert_of(name, **changes)}


def city_changed(revision: int, currency: str = "RUB") -> CityChanged:
    """Geo's word about Moscow."""
    name = Text(ru="Москва", en="Moscow")
    center = Location(latitude=55.75, longitude=37.62)
    return CityChanged(
        slug="moscow", revision=revision, name=name, time_zone="Europe/Moscow", currency=currency, center=center
    )


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Long before any test."""


def span(address: str, since: datetime = NOON, until: datetime | None = None) -> VerifiedAddress:
    """An address that is an account's since then, or was until then."""
    return VerifiedAddress(address=address, since=since, until=until)


def account(user_id: UUID, email: str, *spans: VerifiedAddress, revision: int = 1, **changes: Any) -> UserChanged:
    """Auth's word about an account that has verified its address; ``spans`` are all that it has verified instead."""
    told = {"email_verified": True, "name": "Anna", "locale": "ru", "roles": ["renter"], **changes}
    verified = list(spans) or [span(email.lower())]
    return UserChanged(user_id=user_id, email=email, revision=revision, **{"verified_addresses": verified, **told})


@dataclass
class QuietBooking:
    """Stands for booking's internal API: what it is asked, and what it answers.

    ``meanwhile`` runs while it is asked; ``away`` is what is raised instead of an answer.
    """

    confirmed: int = 0
    away: Exception | None = None
    meanwhile: Callable[[], Awaitable[None]] | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    async def call(self, method: str, path: str, *, content: str | None = None, **_: Any) -> Any:
        body = orjson.loads(content) if content else {}
        self.asked.append((method, body))
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.away is not None:
            raise self.away
        if method == "DELETE":
            self.kept.discard(path)
            return None
        kept = method == "PUT" and (self.confirmed == 0 or body["accepted"])
        if kept:
            self.kept.add(path)
        until = "2100-01-01T12:00:00Z" if self.confirmed else None
        return {"confirmed": self.confirmed, "pending": 0, "first": [], "until": until, "kept": kept}


@dataclass
class Stage:
    """One catalog and clients for it."""

    service: Service
    catalog: Catalog
    operator: httpx.AsyncClient
    public: httpx.AsyncClient
    settings: CatalogSettings
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    booking: QuietBooking = field(default_factory=QuietBooking)

    def __post_init__(self) -> None:
        vars(self.catalog.impact)["booking"] = self.booking

    def caller(self, name: str) -> httpx.AsyncClient:
        """The internal API as another caller."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.internal),
            base_url="http://catalog",
            auth=CallerAuth(self.settings, name, "catalog"),
            timeout=60,
        )
        self.clients.append(client)
        return client

    async def put(self, uid: UUID, status: int = 200, **changes: Any) -> dict[str, Any]:
        """Upsert; the decoded answer."""
        answer = await self.operator.put(f"/internal/spaces/{uid}", json=upsert_of(**changes))
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def create(self, name: str = "loft", **spec: Any) -> tuple[UUID, dict[str, Any]]:
        """A new space; its uid and state."""
        uid = uuid4()
        state: dict[str, Any] = (await self.put(uid, name=name, slug=name, spec=spec_of(**spec)))["state"]
        return uid, state

    async def remove(self, uid: UUID, policy: str, status: int = 204, **params: Any) -> dict[str, Any]:
        answer = await self.operator.delete(f"/internal/spaces/{uid}", params={"policy": policy, **params})
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json() if answer.content else {}
        return decoded

    async def state(self, uid: UUID) -> dict[str, Any]:
        answer = await self.operator.get(f"/internal/spaces/{uid}")
        assert answer.status_code == 200, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def changes(self, cursor: str = "", **params: Any) -> tuple[list[dict[str, Any]], str]:
        answer = await self.operator.get("/internal/spaces/changes", params={"cursor": cursor, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"], answer.json()["next_cursor"]

    async def news(self, count: int, cursor: str = "", limit: int = 100) -> tuple[list[dict[str, Any]], str]:
        """The next ``count`` (or more) items of the feed.

        They may be late: the feed waits for every older transaction of the server, other tests' included.
        """
        told: list[dict[str, Any]] = []

        async def read() -> bool:
            nonlocal cursor
            items, cursor = await self.changes(cursor, limit=limit)
            told.extend(items)
            return len(told) >= count

        await eventually_async(read, f"{count} items in the change feed")
        return told, cursor

    async def get(self, path: str = "", *, language: str = "en", status: int = 200, **params: Any) -> dict[str, Any]:
        """The public API under /api/catalog/spaces."""
        answer = await self.public.get(
            f"/api/catalog/spaces{path}", params=params, headers={"Accept-Language": language}
        )
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def events(self) -> list[dict[str, Any]]:
        """Envelopes in the outbox, in order (no relay runs unless a test starts it)."""
        async with self.catalog.database.read() as connection:
            rows = (await connection.execute(select(OUTBOX.c.body).order_by(OUTBOX.c.id))).scalars()
            return [orjson.loads(body) for body in rows]

    async def sql(self, statement: str, **params: Any) -> list[Any]:
        """Run SQL as somebody with psql would."""
        async with self.catalog.database.transaction() as connection:
            result = await connection.execute(text(statement), params)
            return list(result.all()) if result.returns_rows else []
