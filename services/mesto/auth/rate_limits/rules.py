"""Whom a limit counts."""

from __future__ import annotations

import ipaddress


def network(address: str) -> str:
    """Return the network that an address is counted with: one household or office, not one of its many addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))
