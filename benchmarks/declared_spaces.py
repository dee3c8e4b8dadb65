"""From kubectl apply to Synced: 1,000 spaces, against a no-op operator with kopf's usual handlers.

Ours: the operator and catalog, with booking and geo as in an installation, or without: each space gets a finalizer, a
row in catalog, events to booking and geo, their answers, conditions in its status, and Kubernetes Events.
Peer: kopf's ``on.create`` and ``on.update`` writing ``status.observedGeneration`` and nothing else.
Fair because both watch the same kind on the same API server, and one client creates the same objects and watches them;
ours does far more work. Counted from the first creation to the last object Synced (ours) or observed (peer); by then
ours has often written further conditions, too. All that runs shares the machine's cores, so Synced is measured twice:
in a whole installation, where booking and geo work on what is already Synced, and with the operator and catalog alone.
Ready (all three services have applied it) is reported beside it.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kubernetes.aio import client, config, watch
from measuring.report import Claim, Report, tiny
from measuring.stand import Stand, free_port
from mestolocal.paths import venv_bin

GROUP, VERSION, PLURAL = "mesto.dev", "v1alpha1", "coworkingspaces"
CREATORS = 8
SECONDS = 240
Resource = dict[str, Any]
Goal = Callable[[Resource], bool]
SPACE: Resource = {
    "apiVersion": f"{GROUP}/{VERSION}",
    "kind": "CoworkingSpace",
    "metadata": {},
    "spec": {
        "title": {"ru": "Лофт на Чистых прудах", "en": "Chistye Prudy Loft"},
        "description": {"ru": "Тихая комната под крышей.", "en": "A quiet room under the roof."},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "timeZone": "Europe/Moscow",
        "openingHours": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "open": "08:00", "close": "22:00"}],
        "amenities": ["wifi", "coffee"],
        "resources": [
            {
                "name": "open-space",
                "kind": "HotDesk",
                "seats": 3,
                "prices": [{"per": "Hour", "amount": "250.00", "currency": "RUB"}],
            }
        ],
        "published": True,
    },
}


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    spaces: int = 1000
    rounds: int = 2


def condition(kind: str) -> Goal:
    """Whether a condition is True for the resource's own generation."""

    def holds(resource: Resource) -> bool:
        generation = resource["metadata"]["generation"]
        return any(
            one["type"] == kind and one["status"] == "True" and one.get("observedGeneration") == generation
            for one in resource.get("status", {}).get("conditions", [])
        )

    return holds


def observed(resource: Resource) -> bool:
    return bool(resource.get("status", {}).get("observedGeneration") == resource["metadata"]["generation"])


async def create(api: client.CustomObjectsApi, namespace: str, names: list[str]) -> None:
    waiting = iter(names)

    async def creator() -> None:
        for name in waiting:
            body = copy.deepcopy(SPACE) | {"metadata": {"name": name}}
            await api.create_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, body)

    await asyncio.gather(*(creator() for _ in range(CREATORS)))


async def reached(api: client.CustomObjectsApi, namespace: str, names: list[str], goals: list[Goal]) -> list[float]:
    """When (by perf_counter) the last of the names fulfilled each goal."""
    waiting, ends = [set(names) for _ in goals], [0.0 for _ in goals]
    while any(waiting):
        stream: Any = watch.Watch().stream(  # type: ignore[no-untyped-call]
            api.list_namespaced_custom_object, GROUP, VERSION, namespace, PLURAL, timeout_seconds=SECONDS
        )
        async for change in stream:
            resource = change["object"]
            for number, goal in enumerate(goals):
                if resource["metadata"]["name"] in waiting[number] and goal(resource):
                    waiting[number].discard(resource["metadata"]["name"])
                    ends[number] = time.perf_counter()
            if not any(waiting):
                break
    return ends


async def apply(
    kubeconfig: str, namespace: str, names: list[str], goals: list[Callable[[Resource], bool]]
) -> list[float]:
    """Seconds from the first creation until all fulfilled each goal."""
    settings = client.Configuration()
    await config.load_kube_config(kubeconfig, client_configuration=settings)  # type: ignore[no-untyped-call]
    async with client.ApiClient(settings) as connection:
        api = client.CustomObjectsApi(connection)
        started = time.perf_counter()
        waiting = asyncio.create_task(reached(api, namespace, names, goals))
        await create(api, namespace, names)
        return [end - started for end in await asyncio.wait_for(waiting, SECONDS)]


def start(stand: Stand, namespace: str, *services: str) -> None:
    """An operator of its own for a namespace, and services behind it."""
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
        admin = str(cluster.kubeconfig)
        for round_number in range(0 if small else -1, scale.rounds):
            count = scale.spaces if round_number >= 0 else scale.spaces // 10
            names = [f"space-{round_number + 1}-{number}" for number in range(count)]
            whole = asyncio.run(apply(admin, "bench-whole", names, [condition("Synced"), condition("Ready")]))
            peer = asyncio.run(apply(admin, "bench-peer", names, [observed]))
            lone = asyncio.run(apply(admin, "bench-alone", names, [condition("Synced")]))
            if round_number >= 0:
                for claim, seconds in ((synced, whole[0]), (alone, lone[0]), (ready, whole[1])):
                    claim.ours.append(count / seconds)
                    claim.peer.append(count / peer[0])
    created = f"{scale.spaces:,} spaces a round, created by {CREATORS} at a time"
    report.notes.append(f"{created}; creating is part of all times.")
    report.finish([synced, alone, ready])


if __name__ == "__main__":
    main()
