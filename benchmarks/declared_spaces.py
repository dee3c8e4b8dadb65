"""From kubectl apply to Synced: 1,000 spaces, against a no-op operator with kopf's usual handlers.

Ours: the operator and catalog, with booking and geo as in an installation, or without: each space gets a finalizer, a
row in catalog, events to booking and geo, their answers, conditions in its status, and Kubernetes Events.
The finalizer is put on by the API server while it creates the space, as the chart and `make up` have it.
Peer: kopf's ``on.create`` and ``on.update`` writing ``status.observedGeneration`` and nothing else.
Fair because both watch the same kind on the same API server, and one client creates the same objects and watches them;
ours does far more work. Counted from the first creation to the last object Synced (ours) or observed (peer); by then
ours has often written further conditions, too. All that runs shares the machine's cores, so Synced is measured twice:
in a whole installation, where booking and geo work on what is already Synced, and with the operator and catalog alone.
Ready (all three services have applied it) is reported beside it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from measuring.report import Claim, Report, tiny
from measuring.spaces import AT_ONCE, Goal, Spaces, condition, guard, observed
from measuring.stand import Stand, free_port
from mestolocal.cluster import Cluster
from mestolocal.paths import venv_bin

SECONDS = 240


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    spaces: int = 1000
    rounds: int = 2


async def apply(cluster: Cluster, namespace: str, names: list[str], goals: list[Goal]) -> list[float]:
    """Seconds from the first creation until all fulfilled each goal."""
    async with Spaces(cluster) as spaces, asyncio.timeout(SECONDS):
        started = time.perf_counter()
        waiting = asyncio.create_task(spaces.reached(namespace, names, goals))
        await spaces.create(namespace, names)
        return [end - started for end in await waiting]


def start(stand: Stand, namespace: str, *services: str) -> None:
    """An operator of its own for a namespace, and services behind it."""
    guard(stand.servers.cluster(), namespace)
    stand.start_ours(stand.wiring(stand.database(), namespaces=(namespace,)), *services, "operator")


def start_peer(stand: Stand, namespace: str) -> None:
    port = free_port()
    command = [venv_bin("kopf"), "run", "--standalone", f"--namespace={namespace}", "--quiet"]
    command += [f"--liveness=http://127.0.0.1:{port}/healthz", "peers/usual_operator.py"]
    kubeconfig = str(stand.servers.cluster().operator_kubeconfig)
    stand.start_peer("kopf", command, port, {"KUBECONFIG": kubeconfig})


def main() -> None:
    small = tiny(str(__doc__))
    scale = Scale(spaces=5, rounds=1) if small else Scale()
    report = Report("declared-spaces", small)
    synced, alone, ready = (
        Claim(f"spaces applied and {what}", "1/s", aim=aim, beside="no-op kopf operator, usual handlers")
        for what, aim in (
            ("Synced, whole installation", 0.7),
            ("Synced, operator and catalog alone", 0.7),
            ("Ready, whole installation", None),
        )
    )
    with Stand() as stand:
        cluster = stand.servers.cluster()
        for namespace in ("whole", "alone", "peer"):
            cluster.kubectl("create", "namespace", f"bench-{namespace}")
        start(stand, "bench-whole", "catalog", "booking", "geo")
        start(stand, "bench-alone", "catalog")
        start_peer(stand, "bench-peer")
        for round_number in range(0 if small else -1, scale.rounds):
            count = scale.spaces if round_number >= 0 else scale.spaces // 10
            names = [f"space-{round_number + 1}-{number}" for number in range(count)]
            whole = asyncio.run(apply(cluster, "bench-whole", names, [condition("Synced"), condition("Ready")]))
            peer = asyncio.run(apply(cluster, "bench-peer", names, [observed]))
            lone = asyncio.run(apply(cluster, "bench-alone", names, [condition("Synced")]))
            if round_number >= 0:
                for claim, seconds in ((synced, whole[0]), (alone, lone[0]), (ready, whole[1])):
                    claim.ours.append(count / seconds)
                    claim.peer.append(count / peer[0])
    created = f"{scale.spaces:,} spaces a round, created by {AT_ONCE} at a time"
    report.notes.append(f"{created}; creating is part of all times.")
    report.finish([synced, alone, ready])


if __name__ == "__main__":
    main()
