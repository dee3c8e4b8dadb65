"""A careful client: it repeats a request whose answer was lost until it has one, as the contract allows."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from support.clients.people import PASSWORD

AWAY = {502, 503, 504}
PATIENCE = 120.0


class Unanswered(AssertionError):
    """No answer in two minutes, though everything that was killed has long been started anew."""


@dataclass
class Caller:
    """One person's careful client. `lost` counts requests that had to be repeated, `faults` 500s by path."""

    gateway: str
    email: str
    user_id: str = ""
    over: threading.Event = field(default_factory=threading.Event)
    lost: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    _token: str = ""
    _until: float = 0.0

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.gateway, timeout=10, trust_env=False, headers={"Accept-Language": "en"})

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The answer, whatever it takes. Raises Unanswered."""
        deadline, last = time.monotonic() + PATIENCE, "nothing"
        while time.monotonic() < deadline:
            try:
                answer = self.http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError as error:
                last = repr(error)
            else:
                if answer.status_code == 500:
                    self.faults[f"{method} {path.partition('?')[0]}: {answer.text[:200]}"] += 1
                elif answer.status_code not in AWAY and "idempotency-in-flight" not in answer.text:
                    return answer
                last = f"{answer.status_code} {answer.text[:300]}"
            self.lost += 1
            time.sleep(0.2)
        raise Unanswered(f"{method} {path}: {last}")

    def signed(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The same, signed in."""
        if time.monotonic() > self._until:
            self.sign_in()
        return self.request(method, path, body, Authorization=f"Bearer {self._token}", **headers)

    def sign_in(self) -> None:
        """Take a new token; they live for ten minutes."""
        answer = self.request("POST", "/api/auth/login", {"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self._token, self._until = answer.json()["access_token"], time.monotonic() + 240
        if not self.user_id:
            self.user_id = self.signed("GET", "/api/auth/me").json()["id"]


def registered(gateway: str) -> Caller:
    """Somebody new. "Taken" after a lost answer means that the first request came through."""
    caller = Caller(gateway, f"kills-{uuid.uuid4().hex[:12]}@example.org")
    body = {"email": caller.email, "password": PASSWORD, "name": "Kills", "role": "renter"}
    answer = caller.request("POST", "/api/auth/register", body)
    repeated = caller.lost > 0 and answer.status_code == 409
    assert answer.status_code == 201 or repeated, answer.text
    caller.sign_in()
    return caller
