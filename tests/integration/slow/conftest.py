"""Booking, whose every way to something else leads through toxiproxy."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from support.faults.network_faults import FaultProxies, Proxy, rewire
from support.servers.booking import Signer, Site, Venue, at, space_event, wish
from support.servers.platform import Platform, Platforms
from support.waiting import eventually


@dataclass
class Weak:
    """Booking's processes and the ways to what they need. ``site`` asks them, and looks past the proxies."""

    platform: Platform
    site: Site
    postgres: Proxy
    broker: Proxy
    jwks: Proxy

    def ready(self, process: str = "booking") -> dict[str, Any]:
        """What /readyz says; the whole answer must come in time, whatever is broken."""
        port = self.platform.ports["booking-internal" if process == "booking" else process]
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30, trust_env=False)
        body: dict[str, Any] = answer.json()
        assert (answer.status_code == 200) == body["ready"]
        return body

    def misses(self, check: str, process: str = "booking") -> None:
        """Wait until it says that it is not ready for want of this; meanwhile it lives and measures itself."""

        def says_not_ready() -> bool:
            body = self.ready(process)
            return not body["ready"] and body["checks"][check] != "ok"

        eventually(says_not_ready, f"{process} says that it misses {check}")
        port = self.platform.ports["booking-internal" if process == "booking" else process]
        for path, text in (("healthz", "ok"), ("metrics", f'mesto_ready{{check="{check}"}} 0.0')):
            answer = httpx.get(f"http://127.0.0.1:{port}/{path}", timeout=30, trust_env=False)
            assert answer.status_code == 200
            assert text in answer.text

    def recovers(self, *processes: str) -> None:
        """Wait until these are ready again; none of booking's processes was started anew."""
        for process in processes:
            eventually(lambda process=process: self.ready(process)["ready"], f"{process} is ready again")

    def figure(self, name: str) -> float:
        """A figure of booking's /metrics, by its name and labels."""
        text = httpx.get(f"{self.site.internal}/metrics", timeout=30, trust_env=False).text
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        assert found, name
        return float(found[1])

    def connections(self) -> int:
        """Connections of the API process at the database."""
        return int(
            self.site.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mesto-booking' AND datname = %s",
                self.platform.database,
            )[0][0]
        )

    def request(self, user_id: uuid.UUID, venue: Venue, hour: int, key: str) -> httpx.Request:
        """A hold for one seat."""
        headers = {**self.site.auth(user_id), "Idempotency-Key": key}
        body = wish(venue, at(hour), at(hour + 1))
        return httpx.Request("POST", f"{self.site.base}/api/booking/bookings", json=body, headers=headers)

    def bookings_request(self, user_id: uuid.UUID) -> httpx.Request:
        """A page that needs the database."""
        return httpx.Request("GET", f"{self.site.base}/api/booking/bookings", headers=self.site.auth(user_id))


def _through(url: str, port: int) -> str:
    return re.sub(r"@127\.0\.0\.1:\d+", f"@127.0.0.1:{port}", url)


@pytest.fixture(scope="package")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weak]:
    """One for all tests of this folder: each leaves it as it found it."""
    signer, made, platforms = Signer(), [], Platforms()
    toxics = FaultProxies(tmp_path_factory.mktemp("toxiproxy"))

    def wire(platform: Platform) -> None:
        postgres = toxics.proxy("postgres", platform.postgres.port)
        broker = toxics.proxy("broker", platform.rabbitmq.ports["rabbitmq"])
        jwks = toxics.proxy("jwks", signer.server.server_address[1])
        url = platform.wiring.database_urls["booking"]["database"]
        for child in platform.children.values():
            rewire(
                child,
                MESTO_BOOKING_DATABASE_URL=_through(url, postgres.port),
                MESTO_BROKER_URL=_through(platform.wiring.broker_urls["booking"], broker.port),
                MESTO_AUTH_INTERNAL_URL=f"http://127.0.0.1:{jwks.port}",
            )
        admin = platform.postgres.url(platform.database)
        process: Any = None
        site = Site(platform.url("booking"), platform.internal_url("booking"), admin, url, signer, process)
        made.append(Weak(platform, site, postgres, broker, jwks))

    platforms.make("booking", before=wire)
    yield made[0]
    platforms.close()
    toxics.stop()
    made[0].site.http.close()
    made[0].site.superuser.close()
    signer.close()


@pytest.fixture
def same_processes(weak: Weak) -> Iterator[None]:
    """Whatever was broken is mended by itself: no process of a test here ends or is started anew."""
    before = {name: child.pid for name, child in weak.platform.children.items()}
    yield
    assert all(child.alive for child in weak.platform.children.values())
    assert {name: child.pid for name, child in weak.platform.children.items()} == before


@pytest.fixture
async def venue(weak: Weak) -> Venue:
    """A space with three seats that booking knows, told past the proxies."""
    event = space_event()
    await weak.site.with_service(lambda service: service.projections.space_changed(event))
    return Venue(event.space_id, event.resources[0].id, event)
