"""Nothing happens, for minutes in which every space is resynced at least once: what is written, what memory does."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

import psycopg
from measuring.report import Figure, Report
from measuring.spaces import GROUP
from mestolocal.server import Child

from operating.resync import resyncs
from operating.stage import Installation, Stage, memory, settled, until, versions

WRITES = {"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"}
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_FLUSH_SECONDS = 11.0
"""PostgreSQL's idle processes tell what they have counted within 10 s."""
_CYCLES = 1.25
"""Resyncs of each space in the time that is measured."""
Write = tuple[str, str, str]


@dataclass(frozen=True)
class Snapshot:
    """Everything that must not move: requests that write by (verb, group, resource), versions, rows, memory."""

    requests: Mapping[Write, int]
    versions: Mapping[str, str]
    rows: Mapping[str, int]


async def requests(stage: Stage) -> Counter[Write]:
    """Requests that write, as the API server has counted them."""
    found: Counter[Write] = Counter()
    for line in (await stage.spaces.request("GET", "/metrics")).decode().splitlines():
        if line.startswith("apiserver_request_total{"):
            labels = dict(_LABEL.findall(line))
            if labels["verb"] in WRITES:
                what = "/".join(filter(None, (labels["resource"], labels["subresource"])))
                found[labels["verb"], labels["group"], what] += int(float(line.rpartition(" ")[2]))
    return found


def rows(stage: Stage, installation: Installation) -> dict[str, int]:
    """Rows inserted, changed and deleted so far by schema."""
    counted = "SELECT schemaname, sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables GROUP BY 1"
    with psycopg.connect(stage.stand.postgres.url(installation.database), autocommit=True) as connection:
        return dict(connection.execute(counted).fetchall())


async def take_snapshot(stage: Stage, installation: Installation) -> Snapshot:
    """Return what has moved until now."""
    stored = await stage.spaces.all(installation.namespace)
    of_names = {space["metadata"]["name"]: space["metadata"]["resourceVersion"] for space in stored}
    return Snapshot(await requests(stage), of_names, rows(stage, installation))


async def rows_are_counted(stage: Stage, installation: Installation) -> None:
    """Until no row was counted for so long that none is still to be."""
    known, since = rows(stage, installation), time.monotonic()
    async with asyncio.timeout(120):
        while time.monotonic() - since < _FLUSH_SECONDS:
            await asyncio.sleep(0.5)
            if (now := rows(stage, installation)) != known:
                known, since = now, time.monotonic()


def ours(write: Write) -> bool:
    """Whether the operator may write this, and nobody else here does. Leases are left out."""
    _, group, what = write
    return group == GROUP or what.partition("/")[0] == "events"


async def empty_memory(stage: Stage, installation: Installation) -> float:
    """Resident MiB of an operator without a single space."""
    child = stage.ours(replace(installation.wiring, namespaces=(stage.namespace("empty"),))).start()
    await settled(child, 0)
    found = memory(child)
    stage.stand.stop(child)
    return found


async def watch_memory(child: Child, seconds: float) -> list[float]:
    """Sixty looks over that time."""
    found = []
    for _ in range(60):
        await asyncio.sleep(seconds / 60)
        assert child.alive, f"the operator has ended:\n{child.tail()}"
        found.append(memory(child))
    return found


async def measure(stage: Stage, installation: Installation, count: int) -> None:
    """``installation`` has ``count`` spaces that are Ready, and no operator."""
    report = Report(f"operators: steady state, {count:,} spaces", stage.scale.tiny)
    seconds = stage.scale.minutes * 60
    empty = await empty_memory(stage, installation)
    child = stage.ours(installation.wiring, resync_seconds=seconds / _CYCLES).start()
    await settled(child, count)
    stage.stand.postgres.run("VACUUM ANALYZE", installation.database)
    await rows_are_counted(stage, installation)
    before, told = await take_snapshot(stage, installation), resyncs(child)
    looks = await watch_memory(child, seconds)
    await until(lambda: resyncs(child) - told >= count, "a resync of every space", seconds + 60, pause=1)
    told = resyncs(child) - told
    await rows_are_counted(stage, installation)
    after = await take_snapshot(stage, installation)
    stage.stand.stop(child)
    written = Counter(after.requests)
    written.subtract(before.requests)
    leases = sum(number for (_, group, _), number in written.items() if group == "coordination.k8s.io")
    others = {" ".join(filter(None, write)): number for write, number in written.items() if number and ours(write)}
    strange = sorted(
        " ".join(filter(None, write))
        for write, number in written.items()
        if number and not ours(write) and write[1] != "coordination.k8s.io"
    )
    changed = {schema: number - before.rows.get(schema, 0) for schema, number in after.rows.items()}
    quarter = max(1, len(looks) // 4)
    first, last = median(looks[:quarter]), median(looks[-quarter:])
    moved = sum(after.versions[name] != known for name, known in before.versions.items())
    assert len(after.versions) == len(before.versions), "spaces came or went"
    measured = [
        Figure("writes to the API server but Leases", "", [sum(others.values())], 0),
        Figure("spaces whose resourceVersion moved", "", [moved], 0),
        Figure("rows written in all services' tables", "", [sum(changed.values())], 0),
        Figure("memory, last quarter to first", "", [last / first], 1.05),
        Figure("memory at the end", "MiB", [last]),
        Figure("memory a 1,000 spaces", "MiB", [(last - empty) / count * 1000]),
        Figure("resyncs meanwhile", "", [told]),
        Figure("writes of Leases, by everybody", "", [leases]),
    ]
    report.notes += [
        f"{stage.scale.minutes:g} minutes, {count:,} spaces, every space told to catalog at least once."
        f" Without a space the operator takes {empty:,.0f} MiB. {versions()}.",
        "Counted by the API server (apiserver_request_total), by the objects' versions and by PostgreSQL"
        " (pg_stat_user_tables) over the database of all services, with catalog, booking and geo up.",
    ]
    report.notes += [f"Written by others, beyond the operator's rights: {', '.join(strange)}."] if strange else []
    report.notes += [f"Written: {others}; rows by schema: {changed}."] if others or any(changed.values()) else []
    report.finish([], measured)
