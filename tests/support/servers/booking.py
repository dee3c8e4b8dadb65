"""A booking process over HTTP without a broker, the database behind it, and people with tokens of a key of our own."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mesto.booking.bootstrap import BookingService, wire
from mesto.booking.tables import CONFIGURATION
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import SpaceChanged, UserChanged
from mesto.contracts.policy import BookingSection
from mestolocal.ports import free_ports
from support import forked
from support.clients.superuser import Superuser
from support.waiting import eventually

ZONE = ZoneInfo("Europe/Moscow")


class Signer:
    """Stands for auth: its JWKS over HTTP, tokens, and those that it has withdrawn."""

    def __init__(self) -> None:
        self.withdrawn: list[dict[str, Any]] = []
        self.key = Ed25519PrivateKey.generate()
        public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self.key.public_key()))
        document = json.dumps({"keys": [{**public, "kid": "test", "use": "sig", "alg": "EdDSA"}]}).encode()

        signer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                asked = urlsplit(self.path)
                if asked.path == "/internal/withdrawals":
                    self.wfile.write(signer.page(dict(parse_qsl(asked.query)).get("cursor", "")))
                else:
                    self.wfile.write(document)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def token(self, user_id: uuid.UUID, seconds: int = 600, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": "mesto-auth",
            "aud": "mesto",
            "sub": str(user_id),
            "sid": str(uuid.uuid4()),
            "iat": now,
            "exp": now + seconds,
            "email": f"{user_id}@example.org",
            "email_verified": True,
            "roles": ["renter"],
        }
        return jwt.encode(claims | changes, self.key, algorithm="EdDSA", headers={"kid": "test"})

    def page(self, cursor: str) -> bytes:
        """What was withdrawn after a cursor, as auth tells it: soon after, in a long poll."""
        began = time.monotonic()
        while cursor == str(len(self.withdrawn)) and time.monotonic() - began < 1:
            time.sleep(0.02)
        items = self.withdrawn[int(cursor or 0) :]
        return json.dumps({"items": items, "next_cursor": str(len(self.withdrawn))}).encode()

    def close(self) -> None:
        """Answer nobody any more."""
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Site:
    """A running booking process. ``project`` feeds events as its consumer would."""

    base: str
    internal: str
    admin: str
    service_url: str
    signer: Signer
    process: forked.Started
    http: httpx.Client = field(init=False)
    superuser: Superuser = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base, timeout=60, limits=httpx.Limits(max_connections=80))
        self.superuser = Superuser(self.admin)

    def sql(self, statement: str, *values: Any) -> list[Any]:
        return self.superuser.sql(statement, *values)

    async def with_service(self, work: Callable[[BookingService], Any], policy: BookingSection | None = None) -> Any:
        """What ``work`` does with the service in this process, under another policy of the platform than the site's."""
        database = Database(self.service_url, "booking-test", pool_size=4)
        try:
            return await work(service_on(database, policy))
        finally:
            await database.close()

    def auth(self, user_id: uuid.UUID, seconds: int = 600, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.signer.token(user_id, seconds, **claims)}"}

    def book(self, user_id: uuid.UUID, body: dict[str, Any], key: str | None = None, **claims: Any) -> httpx.Response:
        headers = {**self.auth(user_id, **claims), "Idempotency-Key": key or uuid.uuid4().hex}
        return self.http.post("/api/booking/bookings", json=body, headers=headers)

    def post(self, user_id: uuid.UUID, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(f"/api/booking{path}", json=body, headers=self.auth(user_id))

    def get(self, user_id: uuid.UUID, path: str, **params: Any) -> httpx.Response:
        return self.http.get(f"/api/booking{path}", params=params, headers=self.auth(user_id))

    def pay(self, user_id: uuid.UUID, booking_id: str, outcome: str = "succeeded") -> httpx.Response:
        started = self.post(user_id, f"/bookings/{booking_id}/payments", {"provider": "sandbox"})
        assert started.status_code == 201, started.text
        return self.http.post(started.json()["redirect_url"], json={"outcome": outcome}, headers=self.auth(user_id))

    def run_out(self, booking_id: str) -> None:
        """The hold has run out a second ago."""
        self.sql(
            "UPDATE booking.bookings SET expires_at = now() - interval '1 second', due_at = now() - interval '1 second'"
            " WHERE id = %s",
            booking_id,
        )

    def events(self, booking_id: str) -> list[str]:
        """Types of a booking's recorded events (this process has no broker, so none leaves the outbox)."""
        rows = self.sql("SELECT type, body FROM booking.outbox WHERE type LIKE 'booking.%%' ORDER BY id")
        return [kind for kind, body in rows if json.loads(body)["payload"]["booking"]["id"] == str(booking_id)]

    def history(self, booking_id: str) -> list[str]:
        rows = self.sql(
            "SELECT to_status FROM booking.booking_history WHERE booking_id = %s ORDER BY revision", booking_id
        )
        return [row[0] for row in rows]

    def peak(self, resource_id: uuid.UUID) -> int:
        """The most seats that bookings really use at one moment, counted from the bookings alone."""
        rows = self.sql(
            "SELECT starts_at, busy_until, seats FROM booking.bookings"
            " WHERE resource_id = %s AND status IN ('held', 'awaiting_approval', 'confirmed')",
            resource_id,
        )
        return max((sum(n for s, e, n in rows if s <= at < e) for at, _, _ in rows), default=0)


def service_on(database: Database, policy: BookingSection | None = None) -> BookingService:
    """The service in this process, under a policy of the platform (what is built in without one)."""
    configuration = Configuration(database, CONFIGURATION, "booking", BookingSection)
    configuration.policy = policy or BookingSection()
    return wire(database, configuration)


NO_BROKER = "amqp://nobody:nothing@127.0.0.1:9/none"


def start_site(
    admin: str, service_url: str, signer: Signer, key_folders: Any, folder: Path, broker_url: str = NO_BROKER
) -> Site:
    """Start ``python -m mesto.booking.app`` on a database."""
    ports = free_ports(("public", "internal"))
    environment = {
        **os.environ,
        "MESTO_BOOKING_DATABASE_URL": service_url,
        "MESTO_BOOKING_PUBLIC_PORT": str(ports["public"]),
        "MESTO_BOOKING_INTERNAL_PORT": str(ports["internal"]),
        "MESTO_BROKER_URL": broker_url,
        "MESTO_INTERNAL_KEY_DIR": str(key_folders.all_internal_keys()),
        "MESTO_INTERNAL_PUBLIC_DIR": str(key_folders.public_keys()),
        "MESTO_AUTH_INTERNAL_URL": signer.url,
    }
    log = folder / "booking.log"
    command = [sys.executable, "-m", "mesto.booking.app"]
    process = forked.start(command, environment=environment, cwd=Path.cwd(), log=log)
    base, internal = (f"http://127.0.0.1:{ports[name]}" for name in ("public", "internal"))
    site = Site(base, internal, admin, service_url, signer, process)

    def healthy() -> bool:
        assert process.poll() is None or pytest.fail(log.read_text())
        try:
            return httpx.get(f"{internal}/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    eventually(healthy, "the booking process to answer")
    return site


def stop_site(site: Site) -> None:
    site.http.close()
    site.superuser.close()
    site.process.terminate()
    site.process.wait(20)


@dataclass(frozen=True)
class Venue:
    """A projected space with one resource."""

    space_id: uuid.UUID
    resource_id: uuid.UUID
    event: SpaceChanged


def space_event(revision: int = 1, space_id: uuid.UUID | None = None, **changes: Any) -> SpaceChanged:
    """A space that is open from 8 to 22 in Moscow; ``resource`` changes its resource, the rest the space."""
    resource = {
        "id": str(uuid.uuid4()),
        "name": "open-space",
        "kind": "hot_desk",
        "title": {"ru": "Открытая зона", "en": "Open space"},
        "seats": 3,
        "prices": [{"per": "hour", "amount": "250.00", "currency": "RUB"}],
        "slot_minutes": 60,
        "min_duration_minutes": 60,
        "max_duration_minutes": 720,
        **changes.pop("resource", {}),
    }
    body = {
        "space_id": str(space_id or uuid.uuid4()),
        "revision": revision,
        "slug": "loft",
        "title": {"ru": "Лофт", "en": "Loft"},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "time_zone": "Europe/Moscow",
        "opening_hours": [
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "08:00", "close": "22:00"}
        ],
        "exceptions": [],
        "resources": [resource],
        "policy": {
            "approval": "instant",
            "hold_minutes": 15,
            "cancellation": [
                {"before_minutes": 1440, "refund_percent": 100},
                {"before_minutes": 120, "refund_percent": 50},
            ],
        },
        "owner_email": "Owner@Example.org",
        "published": True,
        **changes,
    }
    return SpaceChanged.model_validate(body)


def policy(approval: str = "instant") -> dict[str, Any]:
    return {"approval": approval, "hold_minutes": 15, "cancellation": [{"before_minutes": 60, "refund_percent": 50}]}


async def project(site: Site, event: SpaceChanged) -> Venue:
    await site.with_service(lambda service: service.projections.space_changed(event))
    return Venue(event.space_id, event.resources[0].id, event)


async def know_owner(site: Site, email: str, *, verified: bool = True) -> uuid.UUID:
    """An account that booking has heard of from auth."""
    user = UserChanged(
        user_id=uuid.uuid4(),
        revision=1,
        email=email,
        email_verified=verified,
        name="Owner",
        locale="en",
        roles=["owner"],
    )
    await site.with_service(lambda service: service.users.user_changed(user))
    return user.user_id


def at(hour: int, day: int = 3, minute: int = 0) -> datetime:
    """A local time some days ahead."""
    date = datetime.now(UTC).astimezone(ZONE).date() + timedelta(days=day)
    return datetime.combine(date, datetime.min.time(), tzinfo=ZONE) + timedelta(hours=hour, minutes=minute)


def wish(venue: Venue, start: datetime, end: datetime, seats: int = 1) -> dict[str, Any]:
    """The body of a booking request."""
    return {
        "resource_id": str(venue.resource_id),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "seats": seats,
    }


def slug(answer: httpx.Response) -> str:
    """The end of a problem's type."""
    return str(answer.json()["type"]).rpartition("/")[2]


async def held(site: Site, user_id: uuid.UUID, approval: str = "instant", day: int = 3) -> tuple[Venue, dict[str, Any]]:
    """A hold of two hours of the only seat of a new venue."""
    venue = await project(site, space_event(resource={"seats": 1}, policy=policy(approval)))
    answer = site.book(user_id, wish(venue, at(10, day), at(12, day)))
    assert answer.status_code == 201, answer.text
    return venue, answer.json()
