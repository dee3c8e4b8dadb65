"""Which part listens where: a documented block for `make up`, free ports for tests."""

from __future__ import annotations

import fcntl
import functools
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .paths import PlatformError

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
DEFAULT_GATEWAY = 8080
DEFAULT_BASE = 18100
_OFFSETS = {
    "postgres": 1,
    "rabbitmq": 2,
    "rabbitmq-management": 3,
    "rabbitmq-distribution": 4,
    "epmd": 5,
    "etcd": 6,
    "etcd-peer": 7,
    "kube-apiserver": 8,
    "kube-controller-manager": 9,
    **{f"{service}-public": 10 * number for number, service in enumerate(SERVICES, 1)},
    **{f"{service}-internal": 10 * number + 1 for number, service in enumerate(SERVICES, 1)},
    **{f"{service}-worker": 10 * number + 2 for number, service in enumerate(SERVICES, 1)},
    **{f"{service}-beat": 10 * number + 3 for number, service in enumerate(SERVICES, 1)},
    "operator": 60,
    "scrapyd": 61,
    "mailbox-smtp": 70,
    "mailbox": 71,
    "prometheus": 72,
    "rabbitmq-prometheus": 73,
    "gateway-internal": 74,
}
NAMES = ("gateway", *_OFFSETS)
_LOWEST = 20_000


@dataclass(frozen=True)
class Ports:
    """Port number by name, all on loopback."""

    numbers: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


def fixed_ports(environment: Mapping[str, str] = os.environ) -> Ports:
    """The ports of `make up`: MESTO_PORT for the gateway, MESTO_PORT_BASE for the block of the rest.

    Raises PlatformError with a sentence when either is not a port number.
    """
    gateway = _number(environment, "MESTO_PORT", DEFAULT_GATEWAY, 65535)
    base = _number(environment, "MESTO_PORT_BASE", DEFAULT_BASE, 65535 - max(_OFFSETS.values()))
    numbers = {"gateway": gateway, **{name: base + offset for name, offset in _OFFSETS.items()}}
    clash = [name for name, port in numbers.items() if port == gateway and name != "gateway"]
    if clash:
        raise PlatformError(
            f"MESTO_PORT={gateway} lies inside the block of internal ports ({base}-{base + max(_OFFSETS.values())}): "
            "choose another MESTO_PORT or MESTO_PORT_BASE."
        )
    return Ports(numbers)


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 1024 <= int(text) <= most:
        raise PlatformError(f"{name} is {text!r}: give a port number between 1024 and {most}.")
    return int(text)


def _ephemeral_range() -> tuple[int, int]:
    try:
        low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        return int(low), int(high)
    except (OSError, ValueError):
        return 32768, 60999


def free_ports(names: tuple[str, ...] = NAMES) -> Ports:
    """Free ports for one test session, below the range that outgoing connections take theirs from.

    They stay this process's until it ends: some are listened on much later, and some are free while a test has killed
    who listens there. Another session of the same user would take them for free.
    """
    low, _ = _ephemeral_range()
    top = min(low, 32768)
    first = (os.getpid() * 101 + int.from_bytes(os.urandom(2), "big")) % (top - _LOWEST)
    candidates = (_LOWEST + (first + step) % (top - _LOWEST) for step in range(top - _LOWEST))
    numbers = dict(zip(names, (port for port in candidates if _is_free(port) and _reserve(port)), strict=False))
    if len(numbers) < len(names):
        raise PlatformError(f"There are no {len(names)} free ports between {_LOWEST} and {top}.")
    return Ports(numbers)


_reserved: set[int] = set()  # a process may lock again what it has locked, so the file alone does not tell


@functools.cache
def _reservations() -> IO[bytes]:
    """This user's; it stays open as long as the process."""
    return Path(f"/var/tmp/mesto-ports-{os.getuid()}").open("ab")


def _reserve(port: int) -> bool:
    """Lock the byte of that number in a file of this user; the lock goes with the process."""
    if port in _reserved:
        return False
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _reserved.add(port)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_free(ports: Ports) -> None:
    """Raises PlatformError with one sentence per taken port, saying which setting moves it."""
    taken = [(name, port) for name, port in ports.numbers.items() if not _is_free(port)]
    if not taken:
        return
    lines = []
    for name, port in taken:
        if name == "gateway":
            lines.append(
                f"Port {port} is already in use by another program. The gateway needs it: stop that program, or choose "
                "another port, for example MESTO_PORT=8090 make up."
            )
        else:
            lines.append(
                f"Port {port} is already in use by another program. {name} needs it: stop that program, or move the "
                "internal ports, for example MESTO_PORT_BASE=19100 make up."
            )
    raise PlatformError("\n".join(lines))
