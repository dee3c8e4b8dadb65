"""Toxiproxy between our processes and what they need: faults of a network, put on and taken off over its HTTP API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from mestolocal import builds
from mestolocal.ports import free_ports
from mestolocal.server import Child, Server, base_environment
from mestolocal.services import answers

# What each fault is to toxiproxy: the kind of a toxic and its attributes, in both directions.
# `silent` drops every byte and closes nothing: what a dead peer, a lost route or a frozen process looks like.
_TOXICS: Mapping[str, tuple[str, dict[str, int]]] = {
    "silent": ("timeout", {"timeout": 0}),
    "closing": ("timeout", {"timeout": 1000}),
    "reset": ("reset_peer", {"timeout": 0}),
    "slow": ("latency", {"latency": 150, "jitter": 50}),
    "narrow": ("bandwidth", {"rate": 20}),
    "sliced": ("slicer", {"average_size": 64, "size_variation": 32, "delay": 200}),
}
BROKEN = ("silent", "reset", "refused")
HARMLESS = ("slow", "sliced")


@dataclass(frozen=True)
class Proxy:
    """A way to one server. Processes that are told `port` instead of the server's own feel its faults."""

    name: str
    port: int
    api: httpx.Client

    @contextmanager
    def fault(self, kind: str) -> Iterator[None]:
        """This fault for open and new connections, until the block ends. `refused` closes and takes no connection."""
        if kind == "refused":
            self._post("", {"enabled": False})
        else:
            toxic, attributes = _TOXICS[kind]
            for stream in ("upstream", "downstream"):
                self._post("/toxics", {"name": stream, "type": toxic, "stream": stream, "attributes": attributes})
        try:
            yield
        finally:
            self.heal()

    def heal(self) -> None:
        """As if nothing had been."""
        for toxic in self._get()["toxics"]:
            self.api.delete(f"/proxies/{self.name}/toxics/{toxic['name']}").raise_for_status()
        self._post("", {"enabled": True})

    def _get(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/proxies/{self.name}").raise_for_status().json()
        return found

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self.api.post(f"/proxies/{self.name}{path}", json=body).raise_for_status()


class FaultProxies:
    """A running toxiproxy."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        port = free_ports(("toxiproxy",))["toxiproxy"]
        url = f"http://127.0.0.1:{port}"
        command = (str(builds.go_tool("toxiproxy")), "-host", "127.0.0.1", "-port", str(port))
        server = Server("toxiproxy", command, answers(f"{url}/version"), folder, base_environment())
        self.child = Child(server, folder).start()
        self.api = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def proxy(self, name: str, upstream: int) -> Proxy:
        """A way to a server on loopback."""
        port = free_ports((name,))[name]
        body = {"name": name, "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{upstream}", "enabled": True}
        self.api.post("/proxies", json=body).raise_for_status()
        return Proxy(name, port, self.api)

    def stop(self) -> None:
        """End it: every proxied connection breaks."""
        self.api.close()
        self.child.kill()


def rewire(child: Child, **environment: str) -> None:
    """Give a process that was not started yet other values of its environment."""
    child.server = replace(child.server, environment={**child.server.environment, **environment})
