"""The operator process: ``python -m mesto.operator.main``.

Watch events only put keys on one queue; create, update, resume, resync and drift all end in the same reconcile.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import random
import signal
import time
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

import kopf
import structlog
import uvloop
from mesto.common.http.internal_client import InternalClient
from mesto.common.observability import event_loop_lag, request_context, telemetry
from mesto.common.observability.health import health_routes, health_server
from mesto.common.shutdown import end_after
from mesto.contracts.policy import MODELS
from mesto.contracts.spaces import SpaceState
from mesto.operator.cache import Key, ResourceCache, StateCache, key_of
from mesto.operator.cluster import Cluster
from mesto.operator.controller import Controller, ControllerContext
from mesto.operator.existence import Existence
from mesto.operator.feed import Feed
from mesto.operator.kinds.coworkingspace.apply import Spaces
from mesto.operator.kinds.geodataset.apply import Datasets
from mesto.operator.kinds.platformconfig.apply import Configs
from mesto.operator.kinds.platformconfig.spec import KIND as CONFIG
from mesto.operator.kinds.scrapetarget.apply import Targets
from mesto.operator.kinds.scrapetarget.metrics import Health
from mesto.operator.kinds.scrapetarget.spec import KIND as TARGET
from mesto.operator.lease import Lease, LeaseLost
from mesto.operator.liveness import Stream, WatchMonitor
from mesto.operator.metrics import Conditions
from mesto.operator.objects import WatchEvent
from mesto.operator.queue import Priority, RetryLater, Terminal, WorkQueue
from mesto.operator.recorder import Recorder
from mesto.operator.schema import GROUP, VERSION
from mesto.operator.scrapyd import Scrapyd
from mesto.operator.settings import OperatorSettings
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

log = structlog.get_logger(__name__)
RECONCILES = Counter("mesto_operator_reconciles_total", "Reconciles by outcome", ["kind", "outcome"])
SECONDS = Histogram("mesto_operator_reconcile_seconds", "Seconds of one reconcile", ["kind"])
LAST_EVENT = Gauge("mesto_operator_last_event_timestamp_seconds", "When the last watch event came")
_FEED_PATIENCE = 5.0
_PING_PAUSE_SECONDS = 5.0
_STOP_SECONDS = 20.0


class Operator:
    """Caches, queue, feed and controllers of one process."""

    def __init__(self, settings: OperatorSettings, cluster: Cluster, services: Mapping[str, InternalClient]) -> None:
        self.settings, self.cluster = settings, cluster
        self.resources, self.recorder = ResourceCache(), Recorder()
        self.queue: WorkQueue[Key] = WorkQueue()
        self.lease = Lease(cluster, *settings.lease, settings.identity)
        context = ControllerContext(cluster, self.resources, self.recorder, self.queue, lambda: self.lease.held)
        refused = settings.refused_seconds
        self.spaces = Spaces(context, services["catalog"], StateCache(), refused)
        datasets = Datasets(context, services["geo"], refused, settings.reader_memory_mb)
        self.scrapyd = _scrapyd(settings)
        patience = settings.run_look_seconds, settings.run_lost_seconds
        targets = Targets(context, services["catalog"], self.scrapyd, *patience, settings.lease[0])
        configs = Configs(context, services, settings.lease[0], refused, settings.config_map_seconds)
        kinds = (self.spaces, datasets, configs, targets)
        self.existence = Existence(
            services["catalog"],
            cluster,
            settings.namespace_list,
            stored=self.spaces.stored,
            resync=self.spaces.resync_space,
            on_slug_released=self.spaces.on_slug_released,
            every=settings.compare_seconds,
            grace=settings.missing_seconds,
        )
        self.spaces.on_missing_suspected = self.existence.request_comparison
        self.controllers: dict[str, Controller[Any, Any]] = {controller.kind.plural: controller for controller in kinds}
        streams = [Stream(plural, name) for plural in self.controllers for name in settings.namespace_list or [""]]
        self.watch_monitor = WatchMonitor(cluster, streams, settings.watch_patience_seconds)
        self.feed = Feed(services["catalog"], self._on_state, self.queue.retry_all_now)
        self.stopping = False
        self.cluster_failure = "has not answered yet"

    def is_news(self, plural: str, event: WatchEvent) -> bool:
        """Return whether a watch event is news.

        The echo of our own patch is none: its answer is known already.
        """
        LAST_EVENT.set(time.time())
        metadata = event["object"]["metadata"]
        self.watch_monitor.record(plural, metadata["namespace"], int(metadata["resourceVersion"]))
        return event["type"] == "DELETED" or not self.resources.knows(plural, event["object"])

    def on_event(self, plural: str, event: WatchEvent) -> None:
        """Remember the resource that the watch has brought and put its key on the queue."""
        resource = event["object"]
        if event["type"] == "DELETED":
            self.resources.drop(plural, resource)
            self.controllers[plural].deleted(UUID(resource["metadata"]["uid"]))
        else:
            self.resources.update(plural, resource)
        self.queue.add(key_of(plural, resource))
        if plural == CONFIG.plural:  # which cities there are is said there, and targets name them
            targets = [key for key in self.resources.keys() if key.plural == TARGET.plural]  # noqa: SIM118 - no mapping
            for key in targets:
                self.queue.add(key, Priority.RESYNC)

    def _on_state(self, state: SpaceState) -> None:
        if not self.settings.namespace_list or state.namespace in self.settings.namespace_list:
            self.spaces.on_state(state)

    async def reconcile(self, key: Key) -> float | None:
        """Return one key for a worker of the queue."""
        started = time.perf_counter()
        request_context.request_id.set(uuid4().hex)  # services, their events and consumers log this id, too
        controller, outcome = self.controllers[key.plural], "error"
        try:
            seconds = await controller.reconcile(key)
            outcome = "refused" if controller.is_refused(key) else "ok"
            if key not in self.resources:
                self.queue.forget(key)
            return seconds
        except RetryLater as error:
            outcome = "rejected" if isinstance(error, Terminal) else "later"
            raise
        finally:
            RECONCILES.labels(controller.kind.kind, outcome).inc()
            SECONDS.labels(controller.kind.kind).observe(time.perf_counter() - started)

    async def watch_api_server(self) -> None:
        """Ask the API server now and then whether it is there, on a connection that no watch holds."""
        while True:
            try:
                await self.cluster.ping()
                if self.cluster_failure:
                    self.queue.retry_all_now()
                self.cluster_failure = ""
            except Exception as error:
                self.cluster_failure = str(error) or repr(error)
            await asyncio.sleep(_PING_PAUSE_SECONDS)

    def checks(self, watching: bool) -> dict[str, str]:
        """Return what the process needs: ``ok``, or what is wrong with it."""
        outcome = {
            "watch": "" if watching else "the watch is not up",
            "apiserver": self.cluster_failure,
            "catalog": self.feed.failure,
        }
        if self.stopping:
            outcome["process"] = "is stopping"
        return {name: failure or "ok" for name, failure in outcome.items()}

    async def lead(self) -> None:
        """Stand by until the Lease is ours, then reconcile; stand by again when it is lost."""
        while True:
            try:
                await self.lease.lead(self._work)
            except LeaseLost as error:
                log.warning("lease_lost", error=str(error))

    async def _work(self) -> None:
        known = self.resources.keys()
        for key in known:  # what was under way when the Lease was lost, by whomever
            self.queue.add(key, Priority.RESYNC)
        # Let the feed tell first what is applied already, as long as that is quick.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FEED_PATIENCE):
                await self.feed.caught_up.wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.queue.work(self.settings.workers, self.reconcile))
            group.create_task(self.resync())
            group.create_task(self.existence.run())

    async def resync(self) -> None:
        """Tell services of every resource once per period, spread evenly with a jitter, behind new work."""
        while True:
            keys = self.resources.keys()
            random.shuffle(keys)
            pause = self.settings.resync_seconds / max(1, len(keys))
            if not keys:
                await asyncio.sleep(min(pause, 5))
            for key in keys:
                await asyncio.sleep(pause * (0.5 + random.random()))
                if key in self.resources:
                    self.controllers[key.plural].forced.add(key)
                    self.queue.add(key, Priority.RESYNC)


def _scrapyd(settings: OperatorSettings) -> Scrapyd | None:
    if not settings.scrapyd_url:
        return None
    return Scrapyd(settings.scrapyd_url, settings.scrapyd_username, settings.scrapyd_password.get_secret_value())


class _NoDiffs(kopf.DiffBaseStorage):
    """kopf copies every object for a diff with the last handled state, which only its high-level handlers use."""

    def build(self, *, body: kopf.Body, extra_fields: object = None) -> kopf.BodyEssence:
        """Return nothing: there is nothing to compare."""
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> None:
        """Return nothing: nothing was handled."""

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Keep nothing."""


def registry_of(operator: Operator) -> kopf.OperatorRegistry:
    """Return kopf's handlers: one of each kind that feeds the queue, and how to log in."""
    registry = kopf.OperatorRegistry()

    def feed(plural: str) -> None:
        def is_news(event: kopf.RawEvent, **_: object) -> bool:
            return operator.is_news(plural, cast(WatchEvent, event))

        # Echoes are filtered out: calling a handler is most of what kopf does for an event.
        @kopf.on.event(GROUP, VERSION, plural, registry=registry, when=is_news)
        async def on_event(event: kopf.RawEvent, **_: object) -> None:
            operator.on_event(plural, cast(WatchEvent, event))

    def login(**arguments: Any) -> Any:
        if os.environ.get("KUBECONFIG"):
            return kopf.login_with_kubeconfig(**arguments)
        account = kopf.login_with_service_account(**arguments)
        if account is None:
            return kopf.login_with_kubeconfig(**arguments)
        # The address that the kubelet gives, as our own calls use it; kopf's own choice is a name that DNS must know.
        host, port = (os.environ[f"KUBERNETES_SERVICE_{part}"] for part in ("HOST", "PORT"))
        return dataclasses.replace(
            account, server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        )

    for plural in operator.controllers:
        feed(plural)
    kopf.on.login(registry=registry)(login)
    return registry


def kopf_settings(settings: OperatorSettings) -> kopf.OperatorSettings:
    """Return settings for kopf as a watcher only: no Events, no annotations, watches that end by themselves."""
    chosen = kopf.OperatorSettings()
    chosen.posting.enabled = False
    chosen.watching.server_timeout = 240
    chosen.watching.client_timeout = 270
    chosen.watching.inactivity_timeout = 30  # a watch that is silent may be dead: it is begun anew where it was
    chosen.watching.connect_timeout = 10
    chosen.networking.request_timeout = 15
    chosen.networking.connect_timeout = 10
    chosen.networking.error_backoffs = (0.2, 0.5, 1, 2, 3, 3, 3, 3)
    chosen.queueing.idle_timeout = 1
    chosen.scanning.disabled = bool(settings.namespace_list)
    chosen.peering.standalone = True
    chosen.persistence.diffbase_storage = _NoDiffs()
    return chosen


async def run(settings: OperatorSettings) -> int:
    """Run until SIGTERM; return 1 when a part died by itself, so that the supervisor starts the process anew."""
    cluster = await Cluster.connect()
    services = {name: InternalClient(settings, "operator", name) for name in MODELS}
    operator = Operator(settings, cluster, services)
    of_kinds = {
        controller.kind.kind: partial(operator.resources.conditions, plural)
        for plural, controller in operator.controllers.items()
    }
    REGISTRY.register(Conditions(of_kinds, lambda: operator.lease.held))
    REGISTRY.register(Health(partial(operator.resources.all, TARGET.plural), lambda: operator.lease.held))
    stop, ready = asyncio.Event(), asyncio.Event()
    namespaces = settings.namespace_list
    watch = kopf.operator(
        registry=registry_of(operator),
        settings=kopf_settings(settings),
        clusterwide=not namespaces,
        namespaces=namespaces,
        stop_flag=stop,
        ready_flag=ready,
    )

    async def checks() -> dict[str, str]:
        return operator.checks(ready.is_set())

    routes = health_routes(checks, failure=operator.watch_monitor.failure)
    parts: dict[str, Coroutine[object, None, None]] = {
        "watch": watch,
        "health": health_server(routes, settings.bind, settings.port).serve(),
        "liveness": operator.watch_monitor.run(),
        "look": operator.watch_api_server(),
        "feed": operator.feed.run(),
        "lag": event_loop_lag.watch_loop(),
        "lead": operator.lead(),
        "recorder": operator.recorder.run(),
    }
    tasks = {name: asyncio.create_task(part, name=name) for name, part in parts.items()}
    asked = asyncio.create_task(_stop_requested(ready), name="asked")
    done, _ = await asyncio.wait({asked, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
    died = [task for task in done if task is not asked and (task.cancelled() or task.exception() is not None)]
    for task in died:
        if not task.cancelled() and (error := task.exception()) is not None:
            telemetry.report(error)
        log.error("part_died", part=task.get_name(), exc_info=None if task.cancelled() else task.exception())
    operator.stopping = True
    end_after(_STOP_SECONDS)
    await _end(tasks, stop)
    asked.cancel()
    for client in services.values():
        await client.close()
    await cluster.close()
    if operator.scrapyd is not None:
        operator.scrapyd.close()
    log.info("stopped")
    return 1 if died else 0


async def _stop_requested(ready: asyncio.Event) -> None:
    """Wait until SIGTERM or SIGINT. kopf installs handlers of its own while it starts, so ours come after that."""
    await ready.wait()
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()
    for number in (signal.SIGTERM, signal.SIGINT):  # a second one ends the process there and then
        asyncio.get_running_loop().remove_signal_handler(number)


async def _end(tasks: dict[str, asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Cancel our parts, then let kopf's watch end by itself: it would wait for every task that it does not know.

    A reconcile that is cut off is done again at the next start.
    """
    others = [task for name, task in tasks.items() if name != "watch"]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    stop.set()
    await asyncio.wait([tasks["watch"]], timeout=8)
    tasks["watch"].cancel()
    await asyncio.gather(tasks["watch"], return_exceptions=True)


def main() -> None:
    """Start the operator."""
    settings = OperatorSettings()
    telemetry.configure(settings, "operator")
    logging.getLogger("kopf.objects").setLevel(logging.WARNING)  # a line for each watch event otherwise
    raise SystemExit(uvloop.run(run(settings)))


if __name__ == "__main__":
    main()
