"""Whose word about a client's address is believed."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.common.http.client_address import Forwarded, client_address, networks
from starlette.requests import HTTPConnection

GATEWAY = "10.0.0.0/8, 127.0.0.1, fd00::/8"


async def seen(peer: str, kind: str = "http", **headers: str) -> tuple[str, str]:
    """(address, scheme) that an application behind ``Forwarded`` sees of a request that ``peer`` sends."""
    found: list[tuple[str, str]] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append((client_address(HTTPConnection(scope)), scope["scheme"]))

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scheme = "http" if kind == "http" else "ws"
    scope = {"type": kind, "scheme": scheme, "client": (peer, 40_000), "headers": raw}
    await Forwarded(app, networks(GATEWAY))(scope, None, None)  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),  # as a socket of IPv6 shows a peer of IPv4
        ("fd00::5", "2001:db8::1", "2001:db8::1"),
        ("10.1.2.3", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what stands before the last was sent along
        ("10.1.2.3", "203.0.113.9, 10.9.9.9", "10.9.9.9"),  # a client of our own network, who wrote the first part
        ("10.1.2.3", "no address", "10.1.2.3"),
        ("198.51.100.7", "6.6.6.6", "198.51.100.7"),
        ("::ffff:198.51.100.7", "6.6.6.6", "198.51.100.7"),
    ],
)
async def test_only_the_gateways_last_word_about_an_address_counts(peer: str, forwarded: str, address: str) -> None:
    assert (await seen(peer, x_forwarded_for=forwarded))[0] == address


async def test_the_scheme_is_the_gateways_to_tell_too() -> None:
    assert (await seen("10.1.2.3", x_forwarded_proto="https"))[1] == "https"
    assert (await seen("10.1.2.3", "websocket", x_forwarded_proto="https"))[1] == "wss"
    assert (await seen("198.51.100.7", x_forwarded_proto="https"))[1] == "http"


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(ValueError, match="gateway"):
        networks("10.0.0.0/8,gateway")
