"""What all parts stand on: namespaces, operators that are not yet started, and looks at them from outside."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import httpx
from measuring.spaces import Spaces, guard
from measuring.stand import Stand, free_port
from mestolocal import builds
from mestolocal.paths import REPO, venv_bin
from mestolocal.ports import Ports
from mestolocal.server import Child
from mestolocal.services import Wiring, operator_server
from prometheus_client.parser import text_string_to_metric_families

T = TypeVar("T")
SERVICES = ("catalog", "booking", "geo")
_NEVER = 86_400


@dataclass(frozen=True)
class Scale:
    """How much is measured; see ``operators.py --help``."""

    rounds: int
    samples: int
    minutes: float
    kills: int
    changed: int = 50
    tiny: bool = False


@dataclass(frozen=True)
class Installation:
    """Our services on a database of their own, and one namespace for an operator of theirs."""

    wiring: Wiring
    database: str
    services: tuple[Child, ...]

    @property
    def namespace(self) -> str:
        return self.wiring.namespaces[0]


class Stage:
    """The stand, the benchmark's own connection to the API server, and how much is measured."""

    def __init__(self, stand: Stand, spaces: Spaces, scale: Scale) -> None:
        self.stand, self.spaces, self.scale = stand, spaces, scale
        self.cluster = stand.servers.cluster()

    def namespace(self, what: str) -> str:
        """A new one."""
        name = f"{what}-{uuid.uuid4().hex[:6]}"
        self.cluster.kubectl("create", "namespace", name)
        return name

    def install(self, what: str, *services: str, guarded: bool = True) -> Installation:
        """Services that are ready, and a namespace; ``guarded``: new spaces there have our finalizer from the start."""
        database, namespace = self.stand.database(), self.namespace(what)
        if guarded:
            guard(self.cluster, namespace)
        wiring = self.stand.wiring(database, namespaces=(namespace,))
        return Installation(wiring, database, tuple(self.stand.start_ours(wiring, *services).values()))

    def remove(self, installation: Installation) -> None:
        """End the services."""
        self.stand.stop(*installation.services)

    # Operators that wait to be started.

    def ours(self, wiring: Wiring, **settings: float | str) -> Child:
        """``settings`` are those of MESTO_OPERATOR_*; without one nothing is told anew while it is measured."""
        chosen: dict[str, float | str] = {"resync_seconds": _NEVER} | settings
        extra = {f"MESTO_OPERATOR_{name.upper()}": str(value) for name, value in chosen.items()}
        return self.stand.add(operator_server(replace(wiring, extra={**wiring.extra, **extra})))

    def kopf(self, file: str, namespace: str) -> Child:
        """A peer of benchmarks/peers, started as kopf's users do."""
        port = free_port()
        command = [venv_bin("kopf"), "run", "--standalone", f"--namespace={namespace}", "--quiet"]
        command += [f"--liveness=http://127.0.0.1:{port}/healthz", f"peers/{file}.py"]
        settings = {"KUBECONFIG": str(self.cluster.operator_kubeconfig)}
        return self.stand.add(self.stand.peer(file, command, port, settings))

    def go(self, wiring: Wiring) -> Child:
        """The operator in Go, in place of ours."""
        port = free_port()
        settings = {
            "KUBECONFIG": str(wiring.kubeconfig),
            "PEER_NAMESPACE": wiring.namespaces[0],
            "PEER_PORT": str(port),
            "PEER_CATALOG_URL": wiring.internal_url("catalog"),
            "PEER_KEY": str(wiring.secrets.internal_keys("operator") / "operator.key.pem"),
        }
        return self.stand.add(self.stand.peer("go", [str(builds.go_peer("go_operator"))], port, settings))


def names(count: int, what: str = "space") -> list[str]:
    """Of so many spaces."""
    return [f"{what}-{number}" for number in range(count)]


def patience(count: int) -> float:
    """Seconds after which a phase with so many spaces has failed."""
    return 120 + count / 4


async def alive(child: Child, work: Awaitable[T], seconds: float) -> T:
    """What comes of ``work``. Raises AssertionError when the process ends meanwhile, TimeoutError after ``seconds``."""
    task = asyncio.ensure_future(work)
    try:
        async with asyncio.timeout(seconds):
            while not (await asyncio.wait({task}, timeout=0.5))[0]:
                assert child.alive, f"{child.server.name} has ended:\n{child.tail()}"
            return task.result()
    except TimeoutError:
        raise AssertionError(f"not done after {seconds:.0f} s; {child.server.name} said:\n{child.tail()}") from None
    finally:
        task.cancel()


async def until(condition: Callable[[], bool], what: str, seconds: float, pause: float = 0.25) -> None:
    """Return when it holds. Raises AssertionError after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}") from None


def memory(child: Child) -> float:
    """Resident MiB now."""
    return _status(child, "VmRSS")


def peak_memory(child: Child) -> float:
    """The most resident MiB so far."""
    return _status(child, "VmHWM")


def _status(child: Child, field: str) -> float:
    said = Path(f"/proc/{child.pid}/status").read_text()
    found = re.search(rf"^{field}:\s+(\d+) kB$", said, re.MULTILINE)
    assert found, said
    return int(found[1]) / 1024


class Metrics:
    """What our operator counts, as of now."""

    def __init__(self, child: Child) -> None:
        port = child.server.environment["MESTO_OPERATOR_PORT"]
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30, trust_env=False).text
        families = text_string_to_metric_families(text)
        self._samples = [sample for family in families for sample in family.samples]

    def sum(self, name: str, **labels: str) -> float:
        """Of all samples with these labels; 0 without any."""
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == name and labels.items() <= dict(sample.labels).items()
        )


async def settled(child: Child, count: int) -> None:
    """Until our operator, just started, has looked at so many resources and has nothing left to do."""

    def quiet() -> bool:
        assert child.alive, f"the operator has ended:\n{child.tail()}"
        figures = Metrics(child)
        looked = figures.sum("mesto_operator_reconciles_total", kind="CoworkingSpace")
        waiting = figures.sum("mesto_operator_queue_depth") + figures.sum("mesto_operator_queue_backoff")
        return looked >= count and not waiting

    await until(quiet, "the operator to settle", patience(count), pause=1)


def another_port(wiring: Wiring) -> Wiring:
    """The same installation for one more operator."""
    return replace(wiring, ports=Ports({**wiring.ports.numbers, "operator": free_port()}))


def identity(child: Child) -> str:
    """The name by which our operator holds the Lease."""
    return f"{socket.gethostname()}:{child.server.environment['MESTO_OPERATOR_PORT']}"


def versions() -> str:
    """Of what the operators are made of."""
    module = (REPO / "benchmarks" / "peers" / "go_operator" / "go.mod").read_text()
    found = re.search(r"controller-runtime (v\S+)", module)
    assert found
    python = ", ".join(f"{name} {version(name)}" for name in ("kopf", "kubernetes"))
    return f"{python}, controller-runtime {found[1]}; {os.cpu_count()} cores for all that runs"
