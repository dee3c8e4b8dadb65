"""Taking the steps that ``plan`` asks for: asking scrapyd and catalog, beginning runs, ending those that crashed."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.offers import TargetState
from mesto.operator.cache import Key, Resource
from mesto.operator.cluster import Gone
from mesto.operator.controller import Controller, Tools
from mesto.operator.kinds.platformconfig.spec import KIND as CONFIG
from mesto.operator.kinds.platformconfig.spec import NAME
from mesto.operator.kinds.scrapetarget import plan as planning
from mesto.operator.kinds.scrapetarget import runs
from mesto.operator.kinds.scrapetarget.crawl import cities, crawl, hosts, may_use, owner, rival
from mesto.operator.kinds.scrapetarget.runs import FINALIZER, Begin, Desired, Observed
from mesto.operator.kinds.scrapetarget.spec import KIND
from mesto.operator.queue import Later
from mesto.operator.scrapyd import Away, Jobs, Scrapyd
from prometheus_client import Counter

log = structlog.get_logger(__name__)
BEGUN = Counter("mesto_operator_runs_begun_total", "Runs of spiders given to scrapyd", ["cause"])
_SOONEST = 0.05


class Targets(Controller[Desired, Observed]):
    """ScrapeTargets. ``look_seconds`` is how often a run under way is looked at.

    ``lost_seconds`` is how long scrapyd may not know a run that is under way before that has crashed. Without a
    ``scrapyd`` every target says so and nothing else happens. ``namespace`` is where the PlatformConfig lies.
    """

    kind = KIND
    finalizer = FINALIZER

    def __init__(
        self,
        tools: Tools,
        catalog: InternalClient,
        scrapyd: Scrapyd | None,
        look_seconds: float,
        lost_seconds: float,
        namespace: str = "mesto",
    ) -> None:
        super().__init__(tools)
        self.catalog, self.scrapyd = catalog, scrapyd
        self.look_seconds, self.patience = look_seconds, timedelta(seconds=lost_seconds)
        self.config = Key(CONFIG.plural, namespace, NAME)
        self.lost: dict[Key, dict[str, datetime]] = {}
        self._beginning = asyncio.Lock()

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.lost.pop(key, None)

    def desired(self, resource: Resource) -> Desired:
        config = self.resources.get(self.config)
        return runs.desired(resource, may_use(config) if config is not None else None)

    def observe(self, key: Key, wanted: Desired, observed: Observed | None, force: bool) -> Observed:
        return replace(observed or Observed(), configured=self.scrapyd is not None, force=force)

    def plan(self, wanted: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(wanted, observed, self.tools.now())

    def later(self, key: Key, wanted: Desired, observed: Observed) -> float | None:
        super().later(key, wanted, observed)
        if wanted.deleting or wanted.paused or wanted.spec is None or wanted.fault or not observed.configured:
            return None
        now = self.tools.now()
        if runs.under_way(wanted, observed, now) or runs.waiting(wanted, observed, now):
            return self.look_seconds
        moment = runs.following(wanted, now)
        return max(_SOONEST, (moment - now).total_seconds()) if moment else None

    async def take(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        try:
            match action:
                case planning.Look():
                    return await self._look(key, wanted, observed)
                case Begin():
                    return await self._begin(key, wanted, observed, action)
                case planning.End(run, message):
                    return await self._end(key, wanted, observed, run, message)
                case planning.Remove(policy):
                    return await self._remove(wanted, observed, policy)
        except Away as error:
            return replace(observed, unreachable=str(error), reason="ScrapydUnavailable", force=False)
        except ServiceUnavailable as error:
            return replace(observed, unreachable=str(error), reason="CatalogUnavailable", force=False)
        except RequestRejected as error:
            said = f"catalog answered {error.status}: {error}"
            return replace(observed, unreachable=said, reason="CatalogUnavailable", force=False)
        raise AssertionError(action)

    def _scrapyd(self) -> Scrapyd:
        assert self.scrapyd is not None
        return self.scrapyd

    async def _look(self, key: Key, wanted: Desired, observed: Observed) -> Observed:
        # In this order: a run that scrapyd has done with has told catalog of its end, if it ever will.
        jobs = await self._scrapyd().jobs()
        return self._seen(key, wanted, observed, jobs, await self._state(wanted))

    async def _state(self, wanted: Desired) -> TargetState | None:
        try:
            answer = await self.catalog.call("GET", f"/internal/scrape-targets/{wanted.uid}")
        except RequestRejected as error:
            if error.status != 404:
                raise
            return None
        return TargetState.answered(answer)

    def _seen(self, key: Key, wanted: Desired, observed: Observed, jobs: Jobs, state: TargetState | None) -> Observed:
        """What both have said, and what follows: which runs nobody has, and who reads the same site."""
        now = self.tools.now()
        observed = replace(observed, jobs=jobs, state=state, busy=self._rival(wanted, jobs))
        missing = {run for run in runs.open_runs(wanted, observed, now) if run not in jobs}
        before = self.lost.pop(key, {})
        lost = {run: before.get(run, now + self.patience) for run in missing}
        if lost:
            self.lost[key] = lost
        return replace(observed, lost=lost)

    def _rival(self, wanted: Desired, jobs: Jobs) -> str:
        """The target that reads one of the same sites now, empty for none."""
        owners = {one for run in jobs.active if (one := owner(run)) is not None and one != wanted.uid}
        if not owners or wanted.spec is None:
            return ""
        all_of_them = ((UUID(one["metadata"]["uid"]), one) for one in self.resources.all(KIND.plural))
        others = {uid: one for uid, one in all_of_them if uid in owners}
        found = rival(wanted.uid, hosts(wanted.spec.start_urls), jobs.active, others)
        return f"{others[found]['metadata']['namespace']}/{others[found]['metadata']['name']}" if found else ""

    async def _begin(self, key: Key, wanted: Desired, observed: Observed, begin: Begin) -> Observed:
        assert wanted.spec is not None
        try:
            private = await self.tools.cluster.allows_private(wanted.namespace)
        except Gone as error:
            raise Later("the namespace is gone") from error
        target = (wanted.uid, wanted.namespace, wanted.name)
        known = cities(self.resources.get(self.config), wanted.namespace)
        order = crawl(wanted.spec, begin.run, target, private=private, cities=known)
        async with self._beginning:  # or two targets of one site would each find it free
            jobs = await self._scrapyd().jobs(fresh=True)
            observed = self._seen(key, wanted, observed, jobs, observed.state)
            if begin.run in jobs or runs.mine(wanted, jobs) or observed.busy:
                return observed
            await self._scrapyd().begin(begin.run, order.model_dump_json(exclude_none=True))
        BEGUN.labels("schedule" if begin.due else "asked").inc()
        log.info("run_begun", key=str(key), run=begin.run)
        return replace(observed, jobs=jobs.begun(begin.run))

    async def _end(self, key: Key, wanted: Desired, observed: Observed, run: str, message: str) -> Observed:
        body = {
            "outcome": "crashed",
            "message": message,
            "items": 0,
            "finished_at": self.tools.now().isoformat(),
        }
        try:
            await self.catalog.call("PUT", f"/internal/scrape-runs/{run}/end", json=body)
        except RequestRejected as error:
            if error.status not in (404, 409):  # catalog has forgotten it, or it was quicker
                raise
        log.warning("run_crashed", key=str(key), run=run)
        assert observed.jobs is not None
        return self._seen(key, wanted, observed, observed.jobs, await self._state(wanted))

    async def _remove(self, wanted: Desired, observed: Observed, policy: str) -> Observed:
        """Catalog takes nothing more once it knows, so a scrapyd that is away holds nobody up."""
        if self.scrapyd is not None:
            with contextlib.suppress(Away):
                for run in runs.mine(wanted, await self.scrapyd.jobs(fresh=True)):
                    await self.scrapyd.cancel(run)
        await self.catalog.call("DELETE", f"/internal/scrape-targets/{wanted.uid}", params={"policy": policy})
        return replace(observed, removed=True)
