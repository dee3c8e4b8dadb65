"""A world for ScrapeTargets in one process: an API server, a catalog, a scrapyd and a clock that tests move.

The controller in it is the real one. Whatever it asks for may fail, and it may be killed before or after each effect.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.operator.cache import Key, ResourceCache
from mesto.operator.controller import ControllerContext
from mesto.operator.kinds.scrapetarget.apply import Targets
from mesto.operator.kinds.scrapetarget.crawl import hosts, owner, share_a_site, sites
from mesto.operator.kinds.scrapetarget.runs import parse
from mesto.operator.queue import RetryLater, WorkQueue
from mesto.operator.scrapyd import Jobs, ScrapydUnavailable

PLURAL = "scrapetargets"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "startUrls": ["https://rival.example.org/moscow"],
    "schedule": "0 3 * * *",
    "extract": {"mode": "StructuredData"},
}
Resource = dict[str, Any]


class Killed(BaseException):
    """The operator ends here."""


class World:
    """What there is: `resources` by name, `runs` of catalog by target, jobs of scrapyd, `events`, `orders`."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now, self.version = now, 1
        self.resources: dict[str, Resource] = {}
        self.runs: dict[UUID, list[dict[str, Any]]] = {}
        self.gone: dict[UUID, str] = {}
        self.pending: list[str] = []
        self.running: list[str] = []
        self.finished: list[str] = []
        self.begun: Counter[str] = Counter()
        self.forgotten: set[str] = set()
        self.orders: list[dict[str, Any]] = []
        self.events: list[tuple[str, str, str]] = []
        self.private = False
        self.scrapyd_up = self.catalog_up = self.configured = True
        self.writes = 0
        self.kill_in: int | None = None
        self.targets = self.start_operator()

    def start_operator(self) -> Targets:
        """An operator that has just started."""
        cache = ResourceCache()
        for resource in self.resources.values():
            cache.update(PLURAL, copy.deepcopy(resource))
        fake = cast(Any, _Fake(self))
        context = ControllerContext(fake, cache, fake, WorkQueue[Key](), now=lambda: self.now)
        return Targets(context, fake, fake if self.configured else None, 5, 60)

    def copy_everything(self) -> World:
        """A copy of everything, with an operator that has just started."""
        twin = World(self.now)
        kept = {name: value for name, value in vars(self).items() if name != "targets"}
        vars(twin).update(copy.deepcopy(kept))
        twin.kill_in, twin.targets = None, twin.start_operator()
        return twin

    # People.

    def apply(self, name: str = "t", **spec: Any) -> None:
        old = self.resources.get(name)
        if old is None:
            metadata = {"uid": str(uuid4()), "namespace": "moscow", "name": name, "generation": 1}
            metadata["creationTimestamp"] = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            self.store({"metadata": metadata, "spec": copy.deepcopy(SPEC) | spec})
        else:
            new = copy.deepcopy(old)
            new["spec"] |= spec
            new["metadata"]["generation"] += 1
            self.store(new)

    def annotate(self, name: str = "t", **values: str | None) -> None:
        new = copy.deepcopy(self.resources[name])
        annotations = new["metadata"].setdefault("annotations", {})
        for key, value in values.items():
            annotations.pop(f"mesto.dev/{key}", None)
            if value is not None:
                annotations[f"mesto.dev/{key}"] = value
        self.store(new)

    def delete(self, name: str = "t") -> None:
        new = copy.deepcopy(self.resources[name])
        new["metadata"]["deletionTimestamp"] = "2026-11-25T12:00:00Z"
        self.store(new)

    def store(self, resource: Resource) -> Resource:
        self.version += 1
        resource["metadata"]["resourceVersion"] = str(self.version)
        metadata = resource["metadata"]
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            self.resources.pop(metadata["name"], None)
            self.targets.resources.drop(PLURAL, resource)
        else:
            self.resources[metadata["name"]] = resource
            self.targets.resources.update(PLURAL, copy.deepcopy(resource))
        return copy.deepcopy(resource)

    # The spider and scrapyd.

    def uid(self, name: str = "t") -> UUID:
        return UUID(self.resources[name]["metadata"]["uid"])

    def launch(self) -> None:
        """scrapyd gives every pending job a process, which tells catalog that its run begins."""
        for run in list(self.pending):
            self.pending.remove(run)
            self.running.append(run)
            uid = cast(UUID, owner(run))
            known = self.runs.setdefault(uid, [])
            if uid not in self.gone and all(entry["id"] != run for entry in known):
                known.insert(0, _run(uid, run, self.now))

    def finish(self, run: str, outcome: str = "succeeded", items: int = 12) -> None:
        """A process ends well: catalog knows how its run ended."""
        for entry in self.runs.get(cast(UUID, owner(run)), []):
            if entry["id"] == run and entry["outcome"] == "running":
                entry |= {"outcome": outcome, "items": items, "finished_at": self.now.isoformat()}
        self.die(run)

    def die(self, run: str) -> None:
        """A process ends, and tells nobody."""
        self.running.remove(run)
        self.finished.append(run)

    def restart_scrapyd(self) -> None:
        """What has a process dies with it; jobs that wait are kept, those that are done with are forgotten."""
        for run in [*self.running, *self.finished]:
            if all(entry["id"] != run for entry in self.runs.get(cast(UUID, owner(run)), [])):
                del self.begun[run]  # nobody knows of it, it may be begun once more
                self.forgotten.add(run)
        self.running, self.finished = [], []

    # The operator.

    def reconcile(self, name: str = "t") -> float | str | None:
        """Seconds until the next look, or what made it back off."""
        try:
            return _driven(self.targets.reconcile(Key(PLURAL, "moscow", name)))
        except RetryLater as error:
            return str(error)

    def run(self, name: str = "t", outcome: str = "succeeded") -> str:
        """What is begun now goes to its end; its id."""
        self.reconcile(name)
        self.launch()
        (run,) = self.running
        self.finish(run, outcome)
        self.reconcile(name)
        return run

    def set_clock(self, when: str) -> None:
        self.now = datetime.fromisoformat(when)

    def status(self, name: str = "t") -> dict[str, Any]:
        return cast(dict[str, Any], self.resources[name]["status"])

    def condition(self, kind: str, name: str = "t") -> tuple[str, str]:
        found = {condition["type"]: condition for condition in self.status(name)["conditions"]}[kind]
        return found["status"], found["reason"]

    def maybe_die(self) -> None:
        """Before and after each effect the process may end."""
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in <= 0:
                self.kill_in = None
                raise Killed

    def check_begin(self, run: str) -> None:
        """What must hold of every run that scrapyd is given."""
        uid = cast(UUID, owner(run))
        own_jobs = next(resource for resource in self.resources.values() if UUID(resource["metadata"]["uid"]) == uid)
        desired = parse(own_jobs)
        assert desired.spec is not None
        active = {owner(run) for run in [*self.pending, *self.running]}
        assert uid not in active, "two runs of one target at once"
        for other in self.resources.values():
            if UUID(other["metadata"]["uid"]) in active:
                shared = share_a_site(hosts(desired.spec.start_urls), sites(other))
                assert not shared, "two runs on one site at once"
        self.begun[run] += 1
        assert self.begun[run] == 1, f"{run} was begun twice"
        if "-run-" not in run:
            due = datetime.strptime(run.rpartition("-")[2], "%Y%m%dt%H%M%Sz").replace(tzinfo=UTC)
            assert not desired.spec.suspend
            assert desired.created < due <= self.now
            assert not too_late(own_jobs, due, self.now), f"{run} was begun after its deadline"


def too_late(resource: Resource, due: datetime, now: datetime) -> bool:
    """Whether a run of that time may begin no more, by the spec's own words."""
    return now > due + timedelta(seconds=resource["spec"].get("startingDeadlineSeconds", 3600))


def _driven(work: Coroutine[Any, Any, float | None]) -> float | None:
    """What it returns. Nothing in this world waits, so it needs no event loop, which takes longer than all else."""
    try:
        while True:
            work.send(None)
    except StopIteration as done:
        return cast(float | None, done.value)


def _run(uid: UUID, run: str, now: datetime) -> dict[str, Any]:
    return {
        "id": run,
        "target": str(uid),
        "started_at": now.isoformat(),
        "finished_at": None,
        "outcome": "running",
        "message": "",
        "items": 0,
        "pages": 0,
        "coverage": None,
        "shown": False,
    }


class _Fake:
    """Cluster, recorder, catalog and scrapyd in one; each effect is a place to be killed at."""

    def __init__(self, world: World) -> None:
        self.world = world

    # The cluster and its recorder.

    async def set_status(self, plural: str, resource: Resource, status: dict[str, Any]) -> Resource:
        self.world.maybe_die()
        new = copy.deepcopy(self.world.resources[resource["metadata"]["name"]]) | {"status": status}
        stored = self.world.store(new)
        self.world.writes += 1
        self.world.maybe_die()
        return stored

    async def set_finalizers(self, plural: str, resource: Resource, finalizers: list[str]) -> Resource:
        self.world.maybe_die()
        new = copy.deepcopy(self.world.resources[resource["metadata"]["name"]])
        new["metadata"]["finalizers"] = finalizers
        stored = self.world.store(new)
        self.world.maybe_die()
        return stored

    async def allows_private(self, namespace: str) -> bool:
        return self.world.private

    def event(self, resource: Resource, kind: str, type_: str, reason: str, message: str, action: str) -> Resource:
        self.world.events.append((type_, reason, message))
        return {}

    async def publish_event(self, event: Resource) -> None: ...

    def record(self, name: str, call: Any) -> None: ...

    # Catalog.

    async def call(self, method: str, path: str, **options: Any) -> Any:
        world, last = self.world, path.rpartition("/")[2]
        if not world.catalog_up:
            raise ServiceUnavailable("catalog does not answer")
        world.maybe_die()
        answer = None
        if method == "GET":
            uid = UUID(last)
            if uid not in world.runs:
                raise RequestRejected(404, "not-found", "This target", {})
            common = {"uid": str(uid), "namespace": "moscow", "name": "t", "gone": uid in world.gone, "offers": 0}
            answer = common | {"runs": copy.deepcopy(world.runs[uid][:50])}
        elif method == "DELETE":
            world.gone[UUID(last)] = options["params"]["policy"]
        else:
            run = path.split("/")[3]
            for entry in world.runs[cast(UUID, owner(run))]:
                if entry["id"] == run and entry["outcome"] == "running":
                    body = options["json"]
                    entry |= {name: body[name] for name in ("outcome", "message", "items", "finished_at")}
        world.maybe_die()
        return answer

    # scrapyd.

    async def jobs(self, *, fresh: bool = False) -> Jobs:
        await asyncio.sleep(0)  # others go on meanwhile
        if not self.world.scrapyd_up:
            raise ScrapydUnavailable("scrapyd does not answer")
        world = self.world
        return Jobs(frozenset([*world.pending, *world.running]), frozenset(world.finished))

    async def begin(self, run: str, crawl: str) -> None:
        await asyncio.sleep(0)
        if not self.world.scrapyd_up:
            raise ScrapydUnavailable("scrapyd does not answer")
        self.world.maybe_die()
        self.world.check_begin(run)
        self.world.pending.append(run)
        self.world.orders.append(json.loads(crawl))
        self.world.maybe_die()

    async def cancel(self, run: str) -> None:
        if not self.world.scrapyd_up:
            raise ScrapydUnavailable("scrapyd does not answer")
        self.world.maybe_die()
        if run in self.world.pending:
            self.world.pending.remove(run)
        if run in self.world.running:
            self.world.die(run)
        self.world.maybe_die()


HOUR = timedelta(hours=1)
