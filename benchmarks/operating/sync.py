"""From cold to all Synced: the spaces are there, and no operator; then one is started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from measuring.report import Claim, Figure, Report
from measuring.spaces import Goal, condition, observed
from mestolocal.server import Child

from operating.stage import SERVICES, Metrics, Stage, alive, names, patience, peak_memory, versions

LARGE = 10_000
"""From so many spaces on, memory is what the issue bounds: below it the interpreters weigh most."""
USUAL, EVENTS, GO = "usual handlers", "event queue", "Go"
BESIDE = {
    USUAL: "no-op kopf operator, usual handlers",
    EVENTS: "no-op kopf operator, event queue",
    GO: "controller-runtime, same upsert and status patch",
}
RATES = {USUAL: 1.0, EVENTS: 0.4, GO: 0.3}


@dataclass
class Runs:
    """Of one operator, by round: spaces per second up to each goal, the most memory it took, status patches a space."""

    rates: list[list[float]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    patches: list[float] = field(default_factory=list)

    def rate(self, goal: int = 0) -> list[float]:
        return [rates[goal] for rates in self.rates]


async def cold(stage: Stage, child: Child, namespace: str, count: int, goals: list[Goal], runs: Runs) -> None:
    """One start where ``count`` spaces are declared and nothing is known of them."""
    everything, spaces, seconds = names(count), stage.spaces, patience(count)
    async with asyncio.timeout(seconds):
        await spaces.create(namespace, everything)
    seen = asyncio.Event()
    watching = asyncio.ensure_future(spaces.reached(namespace, everything, goals, seen))
    async with asyncio.timeout(seconds):
        await seen.wait()
    started = time.perf_counter()
    child.launch()
    ends = await alive(child, watching, seconds)
    runs.rates.append([count / (end - started) for end in ends])
    runs.peaks.append(peak_memory(child))
    if "MESTO_OPERATOR_PORT" in child.server.environment:
        runs.patches.append(Metrics(child).sum("mesto_operator_status_writes_total") / count)
    stage.stand.stop(child)
    async with asyncio.timeout(seconds):
        await spaces.clear(namespace)


async def installed(
    stage: Stage,
    services: tuple[str, ...],
    make: Callable[..., Child],
    count: int,
    goals: list[Goal],
    runs: Runs,
    guarded: bool = True,
) -> None:
    """The same with services of its own behind it; ``guarded`` as ``Stage.install`` has it."""
    installation = stage.install("cold", *services, guarded=guarded)
    await cold(stage, make(installation.wiring), installation.namespace, count, goals, runs)
    stage.remove(installation)


async def measure(stage: Stage, count: int) -> None:
    """All operators in turns, and the section of the page for so many spaces."""
    report = Report(f"operators: cold start, {count:,} spaces", stage.scale.tiny)
    alone, whole, unguarded = Runs(), Runs(), Runs()
    peers = {name: Runs() for name in BESIDE}
    synced, ready = condition("Synced"), condition("Ready")
    for _ in range(stage.scale.rounds):
        for name, file in ((USUAL, "usual_operator"), (EVENTS, "event_queue_operator")):
            namespace = stage.namespace("cold")
            await cold(stage, stage.kopf(file, namespace), namespace, count, [observed], peers[name])
            if name == USUAL:  # ours between the two, so that each has it as its neighbour
                await installed(stage, ("catalog",), stage.ours, count, [synced], alone)
        await installed(stage, ("catalog",), stage.go, count, [synced], peers[GO], guarded=False)
        await installed(stage, ("catalog",), stage.ours, count, [synced], unguarded, guarded=False)
        await installed(stage, SERVICES, stage.ours, count, [synced, ready], whole)
    claims = []
    for what, runs, goal in (
        ("Synced", alone, 0),
        ("Synced, finalizers by the operator", unguarded, 0),
        ("Synced, whole installation", whole, 0),
        ("Ready", whole, 1),
    ):
        for name, beside in BESIDE.items():
            aim = RATES[name] if what == "Synced" else None
            claims.append(Claim(f"cold to all {what}", "1/s", aim, "more", runs.rate(goal), peers[name].rate(), beside))
    for name, beside in BESIDE.items():
        aim = 0.5 if name == USUAL and count >= LARGE else None
        claims.append(Claim("peak memory", "MiB", aim, "less", whole.peaks, peers[name].peaks, beside))
    patches = Figure("status patches a space, whole installation", "", whole.patches, 2)
    report.notes += [
        f"{count:,} spaces that are declared before the operator starts; its start is part of all times. {versions()}.",
        "Synced: with the operator and catalog alone. As installed by the chart or `make up`, the API server puts our"
        " finalizer on a space when it is created, before the operator starts; by the operator: without that policy.",
        "Whole installation: booking and geo work on the same cores meanwhile; Ready is when both have answered, too.",
    ]
    report.finish(claims, [patches])
