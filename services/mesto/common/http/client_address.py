"""Who sent a request: the address of its client, also when proxies of ours stand between."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Parse networks and single addresses, by comma. Raises ValueError that names what is neither."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def parse(text: str) -> Address | None:
    """Parse an IP address; one of IPv4 that a socket of IPv6 shows (``::ffff:10.0.0.1``) is taken as what it is."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found


class Forwarded:
    """Puts the client's address and scheme into the scope of requests that come from a proxy we trust.

    The gateway writes one address into X-Forwarded-For, whatever its client sent, so the last one counts: it was
    written by the peer itself. What others than these networks send in such headers is not looked at.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[Network]) -> None:
        self.app, self.trusted = app, tuple(trusted)

    def _believes(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            peer = parse((scope.get("client") or ("",))[0])
            client = peer
            if self._believes(peer):
                client = _last(scope, b"x-forwarded-for") or peer
                _use_scheme(scope)
            if client is not None:
                scope["client"] = (str(client), 0)
        await self.app(scope, receive, send)


def _last(scope: Scope, header: bytes) -> Address | None:
    values = [value for name, value in scope["headers"] if name == header]
    return parse(values[-1].decode("latin-1").rpartition(",")[2]) if values else None


def _use_scheme(scope: Scope) -> None:
    scheme = dict(scope["headers"]).get(b"x-forwarded-proto", b"").strip()
    if scheme in (b"http", b"https"):
        plain = scope["type"] == "http"
        scope["scheme"] = {b"http": "http" if plain else "ws", b"https": "https" if plain else "wss"}[scheme]


def client_address(request: HTTPConnection) -> str:
    """Return the address of whoever sent this request, for limits and the security log; empty when nobody knows."""
    return request.client.host if request.client else ""
