"""What was acknowledged: the model that the platform is compared with, and the people and spaces that it is about."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from support.clients.people import PASSWORD
from support.kills.calls import Caller, registered
from support.kills.installation import Installation
from support.kills.resources import Resources
from support.waiting import eventually

ZONE = ZoneInfo("Europe/Moscow")
PRICE = Decimal(100)
TIERS = [{"before": "96h", "refundPercent": 100}, {"before": "24h", "refundPercent": 50}]
SEATS = 3
KINDS = ("instant", "owner", "strict")
"""Hot spaces: paid is booked; the owner is asked; nothing comes back."""


@dataclass(frozen=True)
class Violation:
    """One way in which the platform is not what was acknowledged. `sort` is stable, `text` names what."""

    sort: str
    text: str


@dataclass
class Booked:
    """A booking as its renter last heard of it. `payments` are statuses by id."""

    id: str
    renter: Caller
    kind: str
    resource_id: str
    start: datetime
    end: datetime
    seats: int
    total: Decimal
    status: str = "held"
    refund: Decimal | None = None
    payments: dict[str, str] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """What its tiers give back now; times are chosen far from their edges."""
        if self.kind == "strict":
            return 0
        return 100 if self.start - datetime.now(UTC) > timedelta(hours=96) else 50


@dataclass(frozen=True)
class Hot:
    """A space that many want to book at once."""

    kind: str
    name: str
    resource_id: str


def manifest(namespace: str, name: str, **changes: Any) -> dict[str, Any]:
    """A CoworkingSpace of one resource, with fields of its spec replaced. `seats` and `amount` are the resource's."""
    seats, amount = changes.pop("seats", SEATS), changes.pop("amount", f"{PRICE:.2f}")
    desk = {
        "name": "desk",
        "kind": "HotDesk",
        "title": {"en": "Desk"},
        "seats": seats,
        "prices": [{"per": "Hour", "amount": amount, "currency": "RUB"}],
        "slotMinutes": 60,
        "minDurationMinutes": 60,
        "maxAdvanceDays": 60,
    }
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    spec = {
        "title": {"en": name},
        "description": {"en": "A room."},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "timeZone": "Europe/Moscow",
        "openingHours": [{"days": days, "open": "08:00", "close": "22:00"}],
        "resources": [desk],
        "booking": {"approval": "Instant", "holdMinutes": 60, "cancellation": TIERS},
        "deletionPolicy": "Retain",
        "published": True,
    }
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "mesto.dev/v1alpha1", "kind": "CoworkingSpace", "metadata": metadata, "spec": spec | changes}


class World:
    """One namespace, its spaces, their owner and renters, and all that was acknowledged to them."""

    def __init__(self, installation: Installation, *, renters: int = 1, kinds: tuple[str, ...] = KINDS) -> None:
        self.installation, self.platform = installation, installation.platform
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.bookings: dict[str, Booked] = {}
        self.people: list[Caller] = []
        self.odd: list[Violation] = []
        self.most_seats = SEATS
        self.namespace = f"kills-{uuid.uuid4().hex[:8]}"
        self.resources = Resources(self.platform.cluster, self.namespace)
        self.owner = self._owner()
        self.hot = self._hot(kinds)
        self.renters = [self.register() for _ in range(renters)]

    def register(self) -> Caller:
        """Somebody new."""
        caller = registered(self.platform.gateway)
        with self.lock:
            self.people.append(caller)
        return caller

    def _owner(self) -> Caller:
        email = f"owner-{uuid.uuid4().hex[:12]}@example.org"
        body = {"email": email, "password": PASSWORD, "name": "Owner", "role": "owner", "verified": True}
        with self.platform.internal_client("auth", "cli") as http:
            answer = http.post("/internal/accounts", json=body)
            assert answer.status_code < 300, answer.text
        owner = Caller(self.platform.gateway, email)
        owner.sign_in()
        self.people.append(owner)
        return owner

    def _hot(self, kinds: tuple[str, ...]) -> dict[str, Hot]:
        policies: dict[str, dict[str, Any]] = {
            "instant": {"approval": "Instant", "cancellation": TIERS},
            "owner": {"approval": "Owner", "cancellation": TIERS},
            "strict": {"approval": "Instant", "cancellation": []},
        }
        found = {}
        for kind in kinds:
            policy = policies[kind] | {"holdMinutes": 60}
            self.resources.apply(
                self.space(f"{self.namespace}-{kind}", booking=policy, owner={"email": self.owner.email})
            )
        for kind in kinds:
            name = f"{self.namespace}-{kind}"
            found[kind] = Hot(kind, name, self._resource_id(name))
        return found

    def space(self, name: str, **changes: Any) -> dict[str, Any]:
        """A manifest in this world's namespace."""
        return manifest(self.namespace, name, **changes)

    def _resource_id(self, name: str) -> str:
        """The id of a new space's only resource, once it can be booked and its owner is known."""

        def known() -> str:
            found = self.sql(
                "SELECT r.id FROM booking.resources r JOIN booking.spaces s ON s.id = r.space_id"
                " WHERE s.slug = %s AND r.active",
                name,
            )
            owner = self.sql("SELECT 1 FROM booking.users WHERE email = %s", self.owner.email)
            return str(found[0][0]) if found and owner else ""

        return eventually(known, f"{name} can be booked")

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, as the superuser; tried again while PostgreSQL is away."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.platform.sql(statement, *values)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def note(self, sort: str, text: str) -> None:
        """Remember something that was answered and must not have been."""
        with self.lock:
            self.odd.append(Violation(sort, text))
