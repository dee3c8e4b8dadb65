"""A new space while all others are told anew: how much longer it waits than on an idle operator."""

from __future__ import annotations

import asyncio
import math
import random
import time
from statistics import median

from measuring.report import Claim, Figure, Report
from measuring.spaces import condition
from mestolocal.server import Child

from operating.stage import Installation, Metrics, Stage, alive, settled, until, versions

PER_SECOND = 400
"""Resyncs that come due each second: more than one process gets done, so the queue is never empty."""
NEW_SECONDS = 60.0


def quantile(values: list[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def resyncs(child: Child) -> float:
    """How often catalog was told what it had."""
    return Metrics(child).sum("mesto_operator_upserts_total", outcome="unchanged")


async def wait_resynced(child: Child, count: int) -> None:
    """Until so many resyncs are done: what the start itself has put on the queue is behind us."""
    await until(lambda: resyncs(child) > count, "a first resync of all", NEW_SECONDS + count / 10)


async def measure_new_space(stage: Stage, child: Child, namespace: str, name: str) -> float:
    """Milliseconds from declaring a new space to its Synced."""
    watching = asyncio.ensure_future(stage.spaces.reached(namespace, [name], [condition("Synced")]))
    started = time.perf_counter()
    await stage.spaces.create(namespace, [name])
    ends = await alive(child, watching, NEW_SECONDS)
    return (ends[0] - started) * 1000


async def several(stage: Stage, child: Child, namespace: str, what: str) -> list[float]:
    """One new space after the other, at moments that have nothing to do with the operator's own rhythm."""
    found = []
    for number in range(stage.scale.samples):
        await asyncio.sleep(random.uniform(0.05, 0.25))
        found.append(await measure_new_space(stage, child, namespace, f"{what}-{number}"))
    return found


async def measure(stage: Stage, installation: Installation, count: int) -> None:
    """``installation`` has ``count`` spaces that are Ready, and no operator."""
    report = Report(f"operators: resync, {count:,} spaces", stage.scale.tiny)
    hard = Claim("declared to Synced while all resync, p99", "ms", 5, "less", beside="the same operator idle, median")
    tail = Claim("declared to Synced while all resync, p99", "ms", None, "less", beside="the same operator idle, p99")
    usual = Claim("declared to Synced while all resync, median", "ms", None, "less", beside=hard.beside)
    told, waiting = Figure("resyncs meanwhile", "1/s"), Figure("resyncs waiting at the end", "")
    namespace = installation.namespace
    for number in range(stage.scale.rounds):
        child = stage.ours(installation.wiring).start()
        await settled(child, count)
        idle = await several(stage, child, namespace, f"idle-{number}")
        stage.stand.stop(child)
        child = stage.ours(installation.wiring, resync_seconds=max(0.05, count / PER_SECOND)).start()
        await wait_resynced(child, count)
        before, begun = resyncs(child), time.perf_counter()
        busy = await several(stage, child, namespace, f"busy-{number}")
        told.values.append((resyncs(child) - before) / (time.perf_counter() - begun))
        waiting.values.append(Metrics(child).sum("mesto_operator_queue_depth", lane="resync"))
        stage.stand.stop(child)
        for claim, ours, peer in (
            (hard, quantile(busy, 0.99), median(idle)),
            (tail, quantile(busy, 0.99), quantile(idle, 0.99)),
            (usual, median(busy), median(idle)),
        ):
            claim.ours.append(ours)
            claim.peer.append(peer)
    assert min(told.values) > 0, "nothing was told anew"
    report.notes += [
        f"{stage.scale.samples} new spaces a round, one after the other, on the idle operator, then while the {count:,}"
        f" others come due, {PER_SECOND} a second; a quantile is taken of each round. {versions()}.",
    ]
    report.finish([hard, tail, usual], [told, waiting])
