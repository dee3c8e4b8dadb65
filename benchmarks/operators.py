"""The operator against three others, and against itself at rest and killed: `make bench-operator`.

Cold start: spaces are declared, then an operator is started; how soon are all Synced? Beside ours stand kopf's usual
handlers and an event queue of kopf's, which do nothing but write ``status.observedGeneration``, and controller-runtime
in Go, which tells catalog of each space by the request that ours makes for one, signed with the same key, and patches
the status. Ours also has a finalizer, keeps four conditions, publishes Events, hears what services have answered.
Fair because all stand on the same API server in turns, with the same objects, watched by the same client, with as many
workers (16) and their start included; the Go one has a catalog and database as fresh as ours and no limit on requests.
Synced is measured with the operator and catalog alone, and in a whole installation, where booking and geo work on the
same cores. Memory is the most that was resident.

Resync: new spaces, one at a time, on an idle operator and while all others are told anew. Steady state: what is written
while nothing changes. Failover: the holder of the Lease is killed again and again. These have no peer.

Each part writes its own section when it is done: ``--only`` runs some, ``--objects`` may be given several numbers.
"""

from __future__ import annotations

import argparse
import asyncio

from measuring.report import options
from measuring.spaces import Spaces, condition
from measuring.stand import Stand
from mestolocal import builds
from operating import failover, resync, steady, sync
from operating.stage import SERVICES, Installation, Scale, Stage, alive, names, patience

PARTS = ("sync", "resync", "steady", "failover")


def wishes() -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = options(str(__doc__))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to run, all by default")
    parser.add_argument("--objects", nargs="+", type=int, help="how many spaces; 1000 by default, 12 in a tiny run")
    parser.add_argument("--rounds", type=int, default=2, help="of cold starts and of resyncs")
    parser.add_argument("--samples", type=int, default=200, help="new spaces a round, idle and again while all resync")
    parser.add_argument("--minutes", type=float, default=10, help="of steady state")
    parser.add_argument("--kills", type=int, default=20, help="of the Lease's holder")
    return parser.parse_args()


def scale_of(wished: argparse.Namespace) -> Scale:
    """Tiny runs show that all parts work."""
    if wished.tiny:
        return Scale(rounds=1, samples=5, minutes=0.1, kills=1, changed=5, tiny=True)
    return Scale(wished.rounds, wished.samples, wished.minutes, wished.kills)


async def filled(stage: Stage, count: int) -> Installation:
    """A whole installation whose spaces are all Ready; its operator is gone again."""
    installation, everything = stage.install("standing", *SERVICES), names(count)
    child = stage.ours(installation.wiring).start()
    async with asyncio.timeout(patience(count)):
        await stage.spaces.create(installation.namespace, everything)
    ready = stage.spaces.reached(installation.namespace, everything, [condition("Ready")])
    await alive(child, ready, patience(count))
    stage.stand.stop(child)
    return installation


async def run(stand: Stand, parts: list[str], counts: list[int], scale: Scale) -> None:
    """Parts in their order; those that need many spaces at rest share them."""
    async with Spaces(stand.servers.cluster()) as spaces:
        stage = Stage(stand, spaces, scale)
        if "failover" in parts:
            await failover.measure(stage)
        for count in counts:
            if "sync" in parts:
                await sync.measure(stage, count)
            if {"resync", "steady"} & set(parts):
                installation = await filled(stage, count)
                if "steady" in parts:
                    await steady.measure(stage, installation, count)
                if "resync" in parts:
                    await resync.measure(stage, installation, count)
                async with asyncio.timeout(patience(count)):
                    await spaces.clear(installation.namespace)
                stage.remove(installation)


def main() -> None:
    wished = wishes()
    counts = wished.objects or [12 if wished.tiny else 1000]
    if "sync" in wished.only:
        builds.go_peer("go_operator")
    with Stand() as stand:
        asyncio.run(run(stand, wished.only, counts, scale_of(wished)))


if __name__ == "__main__":
    main()
