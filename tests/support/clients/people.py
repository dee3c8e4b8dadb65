"""People who use the platform in tests: registered over the public API, with a client of their own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

PASSWORD = "korrekt-Pferd-7-batterie"


@dataclass
class Person:
    """Somebody signed in; ``http`` sends their token to the gateway."""

    email: str
    http: httpx.Client
    user: dict[str, Any]

    @property
    def token(self) -> str:
        return str(self.http.headers["Authorization"]).removeprefix("Bearer ")


def register(gateway: str, role: str = "renter", language: str = "en", email: str | None = None) -> Person:
    """Register and sign in somebody new."""
    http = httpx.Client(base_url=gateway, timeout=15, headers={"Accept-Language": language})
    email = email or f"{role}-{uuid.uuid4().hex[:10]}@example.org"
    body = {"email": email, "password": PASSWORD, "name": role.title(), "role": role}
    answer = http.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    person = Person(email, http, {})
    sign_in(person)
    return person


def sign_in(person: Person, password: str = PASSWORD) -> None:
    """Sign in (anew), so that the token says what the account has become."""
    login = person.http.post("/api/auth/login", json={"email": person.email, "password": password})
    assert login.status_code == 200, login.text
    person.http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    person.user = person.http.get("/api/auth/me").json()


def verified(gateway: str, tools: httpx.Client, role: str) -> Person:
    """Somebody whose address is verified; ``tools`` is auth's internal API as the command line calls it."""
    person = register(gateway, role)
    account = {"email": person.email, "password": PASSWORD, "name": role.title(), "role": role, "verified": True}
    answer = tools.post("/internal/accounts", json=account)
    assert answer.status_code == 200, answer.text
    sign_in(person)
    return person


def book(
    person: Person, resource_id: str, start: str, end: str, seats: int = 1, key: str | None = None
) -> httpx.Response:
    """Ask for a hold."""
    return person.http.post(
        "/api/booking/bookings",
        json={"resource_id": resource_id, "start": start, "end": end, "seats": seats},
        headers={"Idempotency-Key": key or uuid.uuid4().hex},
    )


def pay(person: Person, booking_id: str, outcome: str = "succeeded") -> httpx.Response:
    """Start a sandbox payment and settle it."""
    started = person.http.post(f"/api/booking/bookings/{booking_id}/payments", json={"provider": "sandbox"})
    assert started.status_code in (200, 201), started.text
    return person.http.post(started.json()["redirect_url"], json={"outcome": outcome})


def day_from_now(days: int, zone: str = "Europe/Moscow") -> str:
    """The local date so many days ahead, as YYYY-MM-DD."""
    return (datetime.now(ZoneInfo(zone)) + timedelta(days=days)).date().isoformat()
