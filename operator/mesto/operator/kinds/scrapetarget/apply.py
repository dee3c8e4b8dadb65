"""Executing the steps that ``plan`` asks for: asking scrapyd and catalog, beginning runs, ending those that crashed."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.offers import TargetState
from mesto.operator.cache import Key
from mesto.operator.cluster import Gone
from mesto.operator.controller import Controller, ControllerContext
from mesto.operator.kinds.platformconfig.spec import KIND as CONFIG
from mesto.operator.kinds.platformconfig.spec import NAME
from mesto.operator.kinds.scrapetarget import plan as planning
from mesto.operator.kinds.scrapetarget import runs
from mesto.operator.kinds.scrapetarget.crawl import (
    allowed_cities,
    cities,
    conflicting_target,
    crawl_order,
    hosts,
    owner,
)
from mesto.operator.kinds.scrapetarget.runs import FINALIZER, Begin, Desired, Observed
from mesto.operator.kinds.scrapetarget.spec import KIND
from mesto.operator.objects import Resource
from mesto.operator.queue import RetryLater
from mesto.operator.scrapyd import Jobs, Scrapyd, ScrapydUnavailable
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
        context: ControllerContext,
        catalog: InternalClient,
        scrapyd: Scrapyd | None,
        look_seconds: float,
        lost_seconds: float,
        namespace: str = "mesto",
    ) -> None:
        super().__init__(context)
        self.catalog, self.scrapyd = catalog, scrapyd
        self.look_seconds, self.patience = look_seconds, timedelta(seconds=lost_seconds)
        self.config = Key(CONFIG.plural, namespace, NAME)
        self.lost: dict[Key, dict[str, datetime]] = {}
        self._beginning = asyncio.Lock()

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.lost.pop(key, None)

    def parse(self, resource: Resource) -> Desired:
        config = self.resources.get(self.config)
        return runs.parse(resource, allowed_cities(config) if config is not None else None)

    def observe(self, key: Key, desired: Desired, observed: Observed | None, force: bool) -> Observed:
        return replace(observed or Observed(), configured=self.scrapyd is not None, force=force)

    def plan(self, desired: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(desired, observed, self.context.now())

    def requeue_after(self, key: Key, desired: Desired, observed: Observed) -> float | None:
        super().requeue_after(key, desired, observed)
        if desired.deleting or desired.paused or desired.spec is None or desired.fault or not observed.configured:
            return None
        now = self.context.now()
        if runs.under_way(desired, observed, now) or runs.next_run(desired, observed, now):
            return self.look_seconds
        moment = runs.next_time(desired, now)
        return max(_SOONEST, (moment - now).total_seconds()) if moment else None

    async def execute(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        try:
            match action:
                case planning.Fetch():
                    return await self._fetch(key, desired, observed)
                case Begin():
                    return await self._begin(key, desired, observed, action)
                case planning.End(run, message):
                    return await self._end(key, desired, observed, run, message)
                case planning.Remove(policy):
                    return await self._remove(desired, observed, policy)
        except ScrapydUnavailable as error:
            return replace(observed, unreachable=str(error), reason="ScrapydUnavailable", force=False)
        except ServiceUnavailable as error:
            return replace(observed, unreachable=str(error), reason="CatalogUnavailable", force=False)
        except RequestRejected as error:
            message = f"catalog answered {error.status}: {error}"
            return replace(observed, unreachable=message, reason="CatalogUnavailable", force=False)
        raise AssertionError(action)

    def _scrapyd(self) -> Scrapyd:
        assert self.scrapyd is not None
        return self.scrapyd

    async def _fetch(self, key: Key, desired: Desired, observed: Observed) -> Observed:
        # In this order: a run that scrapyd has done with has told catalog of its end, if it ever will.
        jobs = await self._scrapyd().jobs()
        return self._with_jobs(key, desired, observed, jobs, await self._target_state(desired))

    async def _target_state(self, desired: Desired) -> TargetState | None:
        try:
            answer = await self.catalog.call("GET", f"/internal/scrape-targets/{desired.uid}")
        except RequestRejected as error:
            if error.status != 404:
                raise
            return None
        return TargetState.parse_answer(answer)

    def _with_jobs(
        self, key: Key, desired: Desired, observed: Observed, jobs: Jobs, state: TargetState | None
    ) -> Observed:
        """Return what both have said, and what follows: which runs nobody has, and who reads the same site."""
        now = self.context.now()
        observed = replace(observed, jobs=jobs, state=state, busy=self._conflicting_target(desired, jobs))
        missing = {run for run in runs.open_runs(desired, observed, now) if run not in jobs}
        before = self.lost.pop(key, {})
        lost = {run: before.get(run, now + self.patience) for run in missing}
        if lost:
            self.lost[key] = lost
        return replace(observed, lost=lost)

    def _conflicting_target(self, desired: Desired, jobs: Jobs) -> str:
        """Return the target that reads one of the same sites now, empty for none."""
        owners = {uid for run in jobs.active if (uid := owner(run)) is not None and uid != desired.uid}
        if not owners or desired.spec is None:
            return ""
        all_of_them = ((UUID(resource["metadata"]["uid"]), resource) for resource in self.resources.all(KIND.plural))
        others = {uid: resource for uid, resource in all_of_them if uid in owners}
        found = conflicting_target(desired.uid, hosts(desired.spec.start_urls), jobs.active, others)
        return f"{others[found]['metadata']['namespace']}/{others[found]['metadata']['name']}" if found else ""

    async def _begin(self, key: Key, desired: Desired, observed: Observed, begin: Begin) -> Observed:
        assert desired.spec is not None
        try:
            private = await self.context.cluster.allows_private(desired.namespace)
        except Gone as error:
            raise RetryLater("the namespace is gone") from error
        target = (desired.uid, desired.namespace, desired.name)
        known = cities(self.resources.get(self.config), desired.namespace)
        order = crawl_order(desired.spec, begin.run, target, private=private, cities=known)
        async with self._beginning:  # or two targets of one site would each find it free
            jobs = await self._scrapyd().jobs(fresh=True)
            observed = self._with_jobs(key, desired, observed, jobs, observed.state)
            if begin.run in jobs or runs.own_jobs(desired, jobs) or observed.busy:
                return observed
            await self._scrapyd().begin(begin.run, order.model_dump_json(exclude_none=True))
        BEGUN.labels("schedule" if begin.due else "asked").inc()
        log.info("run_begun", key=str(key), run=begin.run)
        return replace(observed, jobs=jobs.begun(begin.run))

    async def _end(self, key: Key, desired: Desired, observed: Observed, run: str, message: str) -> Observed:
        body = {
            "outcome": "crashed",
            "message": message,
            "items": 0,
            "finished_at": self.context.now().isoformat(),
        }
        try:
            await self.catalog.call("PUT", f"/internal/scrape-runs/{run}/end", json=body)
        except RequestRejected as error:
            if error.status not in (404, 409):  # catalog has forgotten it, or it was quicker
                raise
        log.warning("run_crashed", key=str(key), run=run)
        assert observed.jobs is not None
        return self._with_jobs(key, desired, observed, observed.jobs, await self._target_state(desired))

    async def _remove(self, desired: Desired, observed: Observed, policy: str) -> Observed:
        """Remove the target: catalog takes nothing more once it knows, so a scrapyd that is away holds nobody up."""
        if self.scrapyd is not None:
            with contextlib.suppress(ScrapydUnavailable):
                for run in runs.own_jobs(desired, await self.scrapyd.jobs(fresh=True)):
                    await self.scrapyd.cancel(run)
        await self.catalog.call("DELETE", f"/internal/scrape-targets/{desired.uid}", params={"policy": policy})
        return replace(observed, removed=True)
