"""kent, a local stand-in for Sentry."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mestolocal.ports import free_ports
from mestolocal.server import Child, Server, base_environment


class Kent:
    """A stand-in for Sentry that keeps what it is sent."""

    def __init__(self, port: int) -> None:
        self.url, self.dsn = f"http://127.0.0.1:{port}", f"http://public@127.0.0.1:{port}/1"

    def events(self) -> list[dict[str, Any]]:
        """Events, without the client's reports of what it did not send (a bug told twice, for instance)."""
        listed = httpx.get(f"{self.url}/api/eventlist/", timeout=10, trust_env=False).json()["events"]
        ids = [entry["event_id"] if isinstance(entry, dict) else entry for entry in listed]
        found = [
            httpx.get(f"{self.url}/api/event/{identifier}", timeout=10, trust_env=False).json() for identifier in ids
        ]
        return [event for event in found if "discarded_events" not in event["payload"]["body"]]

    def flush(self) -> None:
        httpx.post(f"{self.url}/api/flush/", timeout=10, trust_env=False)


@pytest.fixture(scope="module")
def sentry_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kent]:
    """kent for this module; what it has is flushed by whoever needs it empty."""
    folder, port = tmp_path_factory.mktemp("kent"), free_ports(("kent",))["kent"]
    kent = Kent(port)
    command = (str(Path(sys.executable).with_name("kent-server")), "run", "--port", str(port))

    def ready() -> bool:
        try:
            return httpx.get(f"{kent.url}/api/eventlist/", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    child = Child(Server("kent", command, ready, folder, base_environment()), folder).start()
    yield kent
    child.kill()
