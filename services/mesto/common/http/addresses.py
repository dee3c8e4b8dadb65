"""Which addresses a resource may make our processes read: one guard for the operator's downloads and the spiders.

A resource is written by whoever may write in its namespace; what it makes a process read must not be what only that
process can reach. So private, loopback and link-local addresses are refused, unless the namespace is labelled.

Two checks make it whole. ``parse_address`` reads an address as it is written and gives back one that no client library
can take for another: a host that only becomes an IP address when it is normalised never gets that far. ``is_private``
is asked again about the very address that is connected to, whoever named it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import idna

LABEL = "mesto.dev/allow-private-addresses"
"""The namespace's label that allows them, with the value ``true``."""
_SHOWN = 200
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# No site is at these, whichever of them a Python takes for global: IANA's registries of special-purpose addresses.
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's instance metadata and agents: public by its number, answered by the machine below
        "192.0.0.0/24",  # protocols; Oracle's metadata are there, too
        "192.31.196.0/24",  # AS112, which answers look-ups of private addresses, as the two below
        "192.52.193.0/24",  # multicast's tunnels
        "192.88.99.0/24",  # relays of 6to4, any of which may be near
        "192.175.48.0/24",
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID and others
        "2001:db8::/32",  # documentation, as the last one
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# What urlsplit drops without a word, and what some readers take for a slash.
_CONTROLS, _TREACHEROUS = re.compile(r"[\x00-\x1f\x7f]"), re.compile(r"[ \\]")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?)*")
# A name whose last label is a number is an IPv4 address to the resolvers of C libraries and to browsers: 127.1, 0x7f.1.
_NUMERIC = re.compile(r"(\d+|0x[0-9a-f]*)")


class BadAddress(ValueError):
    """An address that nothing is read from; the message is for people and quotes nothing but the host."""


@dataclass(frozen=True)
class SafeAddress:
    """An address in its one safe spelling: ``host`` is a name in ASCII or an IP address without brackets."""

    url: str
    host: str

    @property
    def private(self) -> bool:
        """Whether the host is written as a private IP address; what a name stands for is seen when it is resolved."""
        return is_private_literal(self.host)


def parse_address(url: str) -> SafeAddress:
    """Read an http or https address as it is written. Raises BadAddress.

    Names beyond ASCII are encoded by IDNA 2008 alone, which knows no other dots, digits or letters for the usual ones.
    """
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname
    except ValueError:
        raise BadAddress("it is no address") from None
    if parts.scheme not in ("http", "https") or not name:
        raise BadAddress("it is no http or https address")
    if "@" in parts.netloc:
        raise BadAddress("it has a user or a password before the host: leave them out")
    if _CONTROLS.search(url) or _TREACHEROUS.search(parts.netloc):
        raise BadAddress("it has blanks or other signs that no address has")
    host = _host(name)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    return SafeAddress(urlunsplit((parts.scheme, place, parts.path or "/", parts.query, "")), host)


def _host(name: str) -> str:
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError:
            raise BadAddress("its host is no IPv6 address") from None
    if not name.isascii():
        try:
            # strict: only the full stop parts labels, not the ideographic ones.
            name = idna.encode(name.lower(), strict=True).decode("ascii")
        except UnicodeError:
            raise BadAddress("its host is no name by IDNA 2008: write it in its xn-- form") from None
    name = name.lower().removesuffix(".")
    if not _HOST.fullmatch(name):
        raise BadAddress("its host is no name")
    if _NUMERIC.fullmatch(name.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise BadAddress("its host is a number: write an IP address as four decimal numbers") from None
    return name


def shown(url: str) -> str:
    """Return an address for messages: without user, password and query, which may be secrets; a long one is cut."""
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "the address"
    text = f"{parts.scheme}://{place}{parts.path}"
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_SHOWN])


def is_private(address: str) -> bool:
    """Return whether an IP address is not one of the public internet. Raises ValueError for what is no IP address.

    What is public is listed, all else is private: a global unicast address that has no special purpose. An IPv6 address
    that stands for an IPv4 one (mapped, 6to4, NAT64) is as public as that.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)
        if inner is None and parsed not in _GLOBAL_UNICAST:  # site-local, IPv4-compatible, what nobody has given out
            return True
        parsed = inner or parsed
    public = parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)
    return not public or any(parsed in network for network in _SPECIAL)


def is_private_literal(host: str) -> bool:
    """Return whether a host is written as a private IP address; a name is not, whatever it stands for."""
    try:
        return is_private(host.strip("[]"))
    except ValueError:
        return False


def refusal(what: str) -> str:
    """Return a sentence that says how to allow it."""
    return f'{what}: label the namespace {LABEL}: "true" if its resources may name such addresses'
