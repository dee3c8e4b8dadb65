"""Which addresses a resource may make one of our processes read.

A resource is written by whoever may write in its namespace; what it makes a process read must not be what only that
process can reach. So private, loopback and link-local addresses are refused, unless the namespace is labelled.
"""

from __future__ import annotations

import ipaddress

LABEL = "mesto.dev/allow-private-addresses"
"""The namespace's label that allows them, with the value ``true``."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_private(address: str) -> bool:
    """Whether an IP address is not one of the public internet. Raises ValueError for what is no IP address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)
        parsed = inner or parsed
    return not parsed.is_global or parsed.is_multicast


def is_private_literal(host: str) -> bool:
    """Whether a host is written as a private IP address; a name is not, whatever it stands for."""
    try:
        return is_private(host.strip("[]"))
    except ValueError:
        return False


def refusal(what: str) -> str:
    """A sentence that says how to allow it."""
    return f'{what}: label the namespace {LABEL}: "true" if its resources may name such addresses'
