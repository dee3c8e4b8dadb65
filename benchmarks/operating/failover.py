"""The holder of the Lease is killed, again and again, while spaces change: none lost, none applied twice.

How that is known: a trigger in catalog's database keeps a ledger of every generation of a space that was stored; in the
end it holds no generation twice and none after a later one, and each space's row is what was declared last.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from measuring.report import Figure, Report
from measuring.spaces import condition
from mestolocal.server import Child

from operating.stage import Installation, Stage, another_port, identity, names, patience, versions

LEASE = "bench-failover"
TAKEOVER_SECONDS = 20.0
_PATIENCE = 60.0
_PAUSE = 0.04
_LEDGER = (
    "CREATE TABLE public.ledger (number bigserial, at timestamptz DEFAULT clock_timestamp(),"
    " uid uuid, generation bigint, revision bigint, text text)",
    "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
    " INSERT INTO public.ledger (uid, generation, revision, text)"
    " VALUES (NEW.uid, NEW.generation, NEW.revision, NEW.description->>'en'); RETURN NULL; END $$",
    "CREATE TRIGGER stored AFTER INSERT ON catalog.spaces FOR EACH ROW EXECUTE FUNCTION public.note()",
    # What other services answer changes a row, too; that is no generation.
    "CREATE TRIGGER changed AFTER UPDATE ON catalog.spaces FOR EACH ROW WHEN"
    " ((NEW.generation, NEW.revision, NEW.description) IS DISTINCT FROM"
    " (OLD.generation, OLD.revision, OLD.description))"
    " EXECUTE FUNCTION public.note()",
)


@dataclass
class Changes:
    """What was declared: the newest generation and description by name. An address would need booking's answer."""

    declared: dict[str, tuple[int, str]] = field(default_factory=dict)
    made: int = 0
    enough: bool = False

    async def go_on(self, stage: Stage, namespace: str, everything: list[str]) -> None:
        """Change one space after the other until it is enough."""
        while not self.enough:
            name, text = everything[self.made % len(everything)], f"Edit {self.made}."
            self.declared[name] = await stage.spaces.change(namespace, name, description={"en": text}), text
            self.made += 1
            await asyncio.sleep(_PAUSE)


class Ledger:
    """Every generation that catalog has stored, in order."""

    def __init__(self, url: str) -> None:
        self._url = url
        for statement in _LEDGER:
            self.query(statement)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def entries(self) -> Iterator[tuple[str, int]]:
        """Resource and generation."""
        for uid, generation in self.query("SELECT uid, generation FROM public.ledger ORDER BY number"):
            yield str(uid), generation

    def rows(self, namespace: str) -> dict[str, tuple[int, str]]:
        """Generation and description by name, as catalog has them."""
        statement = "SELECT name, generation, description->>'en' FROM catalog.spaces WHERE namespace = %s"
        return {name: (generation, text) for name, generation, text in self.query(statement, namespace)}

    def first_after(self, moment: float) -> float | None:
        """When (by the clock on the wall) the first generation after ``moment`` was stored."""
        found = self.query("SELECT extract(epoch FROM min(at)) FROM public.ledger WHERE at > to_timestamp(%s)", moment)
        return None if found[0][0] is None else float(found[0][0])


async def holder(stage: Stage) -> str:
    """Who holds the Lease."""
    said = await stage.spaces.request("GET", f"/apis/coordination.k8s.io/v1/namespaces/mesto/leases/{LEASE}")
    return str(orjson.loads(said)["spec"].get("holderIdentity") or "")


async def taken_over(stage: Stage, by: Child) -> None:
    """Until that operator holds the Lease."""
    async with asyncio.timeout(_PATIENCE):
        while await holder(stage) != identity(by):
            await asyncio.sleep(0.05)


async def killed(stage: Stage, operators: list[Child], ledger: Ledger) -> tuple[float, float]:
    """Kill who works; seconds until the other holds the Lease, and until it has stored something."""
    working = await holder(stage)
    first, other = sorted(operators, key=lambda child: identity(child) != working)
    assert identity(first) == working, f"{working} is none of ours"
    begun = time.time()
    first.kill()
    await taken_over(stage, other)
    taken = time.time()
    async with asyncio.timeout(_PATIENCE):
        while (stored := ledger.first_after(taken)) is None:
            await asyncio.sleep(0.1)
    first.launch()
    await asyncio.to_thread(first.wait_ready)
    return taken - begun, stored - begun


async def all_synced(stage: Stage, namespace: str, declared: dict[str, tuple[int, str]]) -> None:
    """Until each says that its newest generation is stored."""
    synced = condition("Synced")
    async with asyncio.timeout(patience(len(declared))):
        while not all(
            synced(space) and space["metadata"]["generation"] == declared[space["metadata"]["name"]][0]
            for space in await stage.spaces.all(namespace)
        ):
            await asyncio.sleep(0.5)


async def campaign(
    stage: Stage, installation: Installation, ledger: Ledger, changes: Changes
) -> list[tuple[float, float]]:
    """Two operators, changes without a pause, and kills."""
    namespace, everything = installation.namespace, names(stage.scale.changed)
    wirings = (installation.wiring, another_port(installation.wiring))
    operators = [stage.ours(wiring, lease_name=LEASE) for wiring in wirings]
    await stage.spaces.create(namespace, everything)
    for child in operators:
        await asyncio.to_thread(child.start)
    changing = asyncio.create_task(changes.go_on(stage, namespace, everything))
    found = []
    try:
        async with asyncio.timeout(_PATIENCE):
            while len(changes.declared) < len(everything) or ledger.first_after(0) is None:
                await asyncio.sleep(0.1)
        for _ in range(stage.scale.kills):
            await asyncio.sleep(random.uniform(0.2, 2))  # somewhere in the midst of its work
            found.append(await killed(stage, operators, ledger))
            assert not changing.done(), changing.exception()
    finally:
        changes.enough = True
        await changing
    await all_synced(stage, namespace, changes.declared)
    stage.stand.stop(*operators)
    return found


async def measure(stage: Stage) -> None:
    """Kills, then the comparison."""
    report = Report("operators: failover", stage.scale.tiny)
    installation = stage.install("failover", "catalog")
    ledger, changes = Ledger(stage.stand.postgres.url(installation.database)), Changes()
    found = await campaign(stage, installation, ledger, changes)
    stored = ledger.rows(installation.namespace)
    lost = sum(stored.get(name) != declared for name, declared in changes.declared.items())
    entries = list(ledger.entries())
    newest: dict[str, int] = {}
    backwards = 0
    for uid, generation in entries:
        backwards += generation < newest.get(uid, 0)
        newest[uid] = max(generation, newest.get(uid, 0))
    stage.remove(installation)
    measured = [
        Figure("spaces whose last change was lost", "", [lost], 0),
        Figure("generations applied twice", "", [len(entries) - len(set(entries))], 0),
        Figure("generations applied after a later one", "", [backwards], 0),
        Figure("killed until the other holds the Lease", "s", [seconds for seconds, _ in found], TAKEOVER_SECONDS),
        Figure("killed until the other has applied a change", "s", [seconds for _, seconds in found]),
        Figure("changes declared", "", [changes.made]),
        Figure("generations applied", "", [len(entries)]),
    ]
    report.notes += [
        f"kill -9 of whoever held the Lease, {stage.scale.kills} times, while {stage.scale.changed} spaces changed in"
        f" turns, one about every {_PAUSE * 1000:.0f} ms; the killed one came back as the one that stands by."
        f" Generations that were overtaken before anybody looked are not applied, and need not be. {versions()}.",
    ]
    report.finish([], measured)
