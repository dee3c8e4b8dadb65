"""A small world on a real platform, load on it, and what `mesto audit` and `mesto rebuild` say about it."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
from support.clients.people import PASSWORD, day_from_now
from support.servers.catalog import DESK, spec_of
from support.servers.platform import Platform
from support.waiting import eventually

EVERY_DAY = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "08:00", "close": "22:00"}]
SERVICES = ("catalog", "booking", "geo", "notifications")


@dataclass
class Declared:
    """A space of the world; its only resource is ``resource``."""

    uid: uuid.UUID
    name: str
    id: str
    resource: str
    generation: int = 1


@dataclass
class Renter:
    """Somebody signed in."""

    id: str
    email: str
    http: httpx.Client


@dataclass
class World:
    """Spaces and people of one platform. Nobody but the tests touches ``spaces`` and ``renters``."""

    platform: Platform
    spaces: list[Declared] = field(default_factory=list)
    renters: list[Renter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.operator = self.platform.internal_client("catalog", "operator")

    def declare(self, name: str, uid: uuid.UUID | None = None, generation: int = 1, **spec: Any) -> Declared:
        """As the operator tells catalog."""
        uid = uid or uuid.uuid4()
        body = {
            "namespace": "moscow",
            "name": name,
            "slug": name,
            "generation": generation,
            "spec": spec_of(opening_hours=EVERY_DAY, **spec),
            "accept_affected": True,  # seats are changed at random, whoever has booked them
        }
        answer = self.operator.put(f"/internal/spaces/{uid}", json=body)
        assert answer.status_code == 200, answer.text
        space_id = answer.json()["state"]["space_id"]
        return Declared(uid, name, space_id, str(uuid.uuid5(uuid.UUID(space_id), "open-space")), generation)

    def register(self) -> Renter:
        http = httpx.Client(base_url=self.platform.url("auth"), timeout=60, trust_env=False)
        body = {"email": f"{uuid.uuid4().hex[:12]}@example.org", "password": PASSWORD}
        answer = http.post("/api/auth/register", json={**body, "name": "Renter", "role": "renter"})
        assert answer.status_code == 201, answer.text
        token = http.post("/api/auth/login", json=body).json()["access_token"]
        http.close()
        booking = httpx.Client(base_url=self.platform.url("booking"), timeout=60, trust_env=False)
        booking.headers["Authorization"] = f"Bearer {token}"
        return Renter(answer.json()["id"], body["email"], booking)

    def wait_settled(self, *spaces: Declared) -> None:
        """Wait until booking and geo have answered to these spaces."""
        statement = "SELECT revision, applied, located FROM catalog.spaces WHERE id = %s"
        for space in spaces:

            def answered(space: Declared = space) -> bool:
                ((revision, applied, located),) = self.platform.sql(statement, space.id)
                answers = {name: answer["revision"] for name, answer in applied.items()}
                return answers == {"booking": revision, "geo": revision} and located is not None

            eventually(answered, f"{space.name} to be applied")

    def book(self, renter: Renter, space: Declared, hour: int, *, seats: int = 1, day: int = 5) -> httpx.Response:
        start = f"{day_from_now(day)}T{hour:02}:00:00+03:00"
        end = f"{day_from_now(day)}T{hour + 1:02}:00:00+03:00"
        body = {"resource_id": space.resource, "start": start, "end": end, "seats": seats}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return renter.http.post("/api/booking/bookings", json=body, headers=headers)

    def book_and_pay(self, renter: Renter, space: Declared, hour: int) -> str:
        """The id of a confirmed booking."""
        answer = self.book(renter, space, hour)
        assert answer.status_code == 201, answer.text
        self.pay(renter, answer.json()["id"])
        return str(answer.json()["id"])

    def pay(self, renter: Renter, booking_id: str) -> httpx.Response:
        started = renter.http.post(f"/api/booking/bookings/{booking_id}/payments", json={"provider": "sandbox"})
        if started.status_code != 201:
            return started
        return renter.http.post(started.json()["redirect_url"], json={"outcome": "succeeded"})

    def cancel(self, renter: Renter, booking_id: str) -> httpx.Response:
        return renter.http.post(f"/api/booking/bookings/{booking_id}/cancel")

    def unit(self, space: Declared, hour: int, minute: int = 0, day: int = 5) -> str:
        """How an audit names the counter of a unit of time."""
        local = datetime.combine(
            datetime.fromisoformat(day_from_now(day)).date(), datetime.min.time(), ZoneInfo("Europe/Moscow")
        )
        begins = (local + timedelta(hours=hour, minutes=minute)).astimezone(ZoneInfo("UTC"))
        return f"{space.resource}@{begins.isoformat()}"

    # Load.

    @contextlib.contextmanager
    def load(self, clients: int = 2) -> Iterator[dict[str, int]]:
        """Bookings, payments, cancellations, changed spaces and accounts until the block ends; what was done."""
        done: dict[str, int] = {"booked": 0, "changed": 0}
        stop = threading.Event()
        spaces = [self.declare(f"busy-{number}-{uuid.uuid4().hex[:6]}") for number in range(3)]
        self.wait_settled(*spaces)
        renters = [self.register() for _ in range(clients)]
        with ThreadPoolExecutor(clients + 1) as threads:
            running = [threads.submit(self._rent, renter, spaces, stop, done) for renter in renters]
            # Not of those who rent: their tokens would be withdrawn with each change.
            running.append(threads.submit(self._change, spaces, self.register(), stop, done))
            try:
                yield done
            finally:
                stop.set()
            for job in running:
                job.result()
        assert done["booked"] > 0, done
        assert done["changed"] > 0, done

    def _rent(self, renter: Renter, spaces: list[Declared], stop: threading.Event, done: dict[str, int]) -> None:
        chance = random.Random(renter.id)
        while not stop.is_set():
            answer = self.book(renter, chance.choice(spaces), 8 + chance.randrange(12), day=2 + chance.randrange(20))
            assert answer.status_code in (201, 404, 409, 429), answer.text
            if answer.status_code == 201:
                done["booked"] += 1
                if chance.random() < 0.7:
                    self.pay(renter, answer.json()["id"])
                if chance.random() < 0.6:
                    self.cancel(renter, answer.json()["id"])
            stop.wait(0.05)

    def _change(self, spaces: list[Declared], person: Renter, stop: threading.Event, done: dict[str, int]) -> None:
        chance, tools = random.Random(0), self.platform.internal_client("auth", "cli")
        roles = ["owner", "moderator", "admin"]
        while not stop.is_set():
            space = chance.choice(spaces)
            space.generation += 1
            desk = DESK | {"seats": chance.randint(2, 5), "slot_minutes": chance.choice([30, 60])}
            self.declare(
                space.name,
                space.uid,
                space.generation,
                resources=[desk],
                description={"en": f"Edit {space.generation}."},
            )
            if roles:
                body = {"email": person.email, "role": roles.pop()}
                assert tools.post("/internal/accounts/grant", json=body).status_code == 200
            done["changed"] += 1
            stop.wait(0.3)
        tools.close()

    # What is said about it.

    def mesto(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [*self.platform.mesto_command, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)

    def audit(self, *words: str) -> tuple[int, set[tuple[str, str, str, str]], list[dict[str, Any]]]:
        """Exit code, differences as (service, check, what, id), and the jobs themselves."""
        done = self.mesto("audit", *words, "-o", "json")
        assert done.returncode in (0, 4), done.stdout + done.stderr
        jobs = json.loads(done.stdout)
        found = {
            (job["service"], check["name"], difference["what"], difference["id"])
            for job in jobs
            for check in job["checks"]
            for difference in check["differences"]
        }
        return done.returncode, found, jobs

    def rebuild(self, service: str) -> dict[str, int]:
        """What was mended, by check."""
        done = self.mesto("rebuild", service, "-o", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        return {check["name"]: check["found"] for check in json.loads(done.stdout)[0]["checks"]}

    def projections(self) -> dict[str, list[tuple[Any, ...]]]:
        """What services keep of each other about our spaces and renters; geo counts its revisions on its own."""
        spaces, people = [space.id for space in self.spaces], [renter.id for renter in self.renters]
        statements = {
            "catalog.cities": ("SELECT * FROM catalog.cities ORDER BY slug", None),
            "catalog.accounts": (
                "SELECT * FROM catalog.accounts WHERE user_id = ANY(%s::uuid[]) ORDER BY user_id",
                people,
            ),
            "catalog.spaces": (
                "SELECT id, applied #- '{booking,sequence}', located, district, bookable_reason FROM catalog.spaces"
                " WHERE id = ANY(%s::uuid[]) ORDER BY id",
                spaces,
            ),
            "booking.users": ("SELECT * FROM booking.users WHERE id = ANY(%s::uuid[]) ORDER BY id", people),
            # When it was last reckoned whether a space can be booked is of no account.
            "booking.spaces": (
                "SELECT to_jsonb(one) - 'bookable_sequence' - 'bookable_due' FROM booking.spaces one"
                " WHERE id = ANY(%s::uuid[]) ORDER BY id",
                spaces,
            ),
            "booking.resources": (
                "SELECT * FROM booking.resources WHERE space_id = ANY(%s::uuid[]) ORDER BY id",
                spaces,
            ),
            "geo.positions": (
                "SELECT space_id, space_revision, removed, city, position, located, reason FROM geo.positions"
                " WHERE space_id = ANY(%s::uuid[]) ORDER BY space_id",
                spaces,
            ),
            "notifications.users": (
                "SELECT * FROM notifications.users WHERE user_id = ANY(%s::uuid[]) ORDER BY user_id",
                people,
            ),
        }
        return {
            name: self.platform.sql(statement, *([] if ids is None else [ids]))
            for name, (statement, ids) in statements.items()
        }

    def execute_unguarded(self, *statements: str) -> None:
        """SQL as the superuser, foreign keys and triggers off: what no code could do.

        Each statement commits by itself: one that kept a table while it waits for a row of another would deadlock
        with a request that has this row and wants the table.
        """
        with psycopg.connect(self.platform.postgres.url(self.platform.database), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]
