"""Celery the way every service uses it: one app and one queue, ids as arguments, acknowledged when done.

A worker: ``celery -A mesto.<service>.worker:app worker -P threads -c 2 -Q <service>``; once per service: ``… beat``.
Both answer /healthz, /readyz and /metrics on ``MESTO_PROBE_PORT``.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Generic, TypedDict, TypeVar
from urllib.parse import urlsplit

from celery import Celery
from celery.signals import setup_logging, worker_shutting_down
from mesto.common.observability import event_loop_lag, telemetry
from mesto.common.platform_config.configuration import Followed
from mesto.common.settings import CommonSettings
from mesto.common.shutdown import end_after
from mesto.common.worker import probes, signals

T = TypeVar("T")
TASK_SECONDS = 120
STOP_SECONDS = 25.0
"""A worker's tasks in hand have this long to end after SIGTERM; then the broker gives them to another."""
PUBLISH_SECONDS = 4
"""Until the broker must have confirmed that it has a task."""


def celery_app(service: str, beat_schedule: Mapping[str, BeatEntry]) -> Celery:
    """Return the Celery app of a service. A task that a killed worker had in hand goes back to the queue."""
    broker = CommonSettings().broker_url.get_secret_value()
    app = Celery(service, broker=broker or None, set_as_current=False)
    app.conf.update(
        broker_use_ssl=_verified(broker),
        task_default_queue=service,
        # By name: Celery would publish to the default exchange, by which one may write into anybody's queue.
        task_routes={"*": {"queue": service, "exchange": service, "routing_key": service}},
        worker_enable_remote_control=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        result_backend=None,
        worker_pool="threads",  # one process: its metrics and its pool of connections are those of all its tasks
        worker_concurrency=2,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        broker_heartbeat=10,  # seconds; a connection that died without a word is noticed after two of them
        broker_transport_options={"confirm_publish": True, "write_timeout": PUBLISH_SECONDS},
        worker_hijack_root_logger=False,
        timezone="UTC",
        beat_schedule=beat_schedule,
        beat_scheduler="mesto.common.worker.probes:Scheduler",
        beat_max_loop_interval=probes.TICK_SECONDS,
    )

    def configure_logging(**_: object) -> None:
        telemetry.configure(CommonSettings(), f"{service}-tasks")

    def stop_in_time(**_: object) -> None:
        end_after(STOP_SECONDS)  # Celery itself waits for tasks, and for a silent broker, without end

    setup_logging.connect(configure_logging, weak=False)
    worker_shutting_down.connect(stop_in_time, weak=False)
    signals.install(service)
    probes.install(app, service)
    return app


def _verified(url: str) -> dict[str, object] | None:
    """Return how a broker of amqps:// is checked: by SSL_CERT_FILE or the system's authorities, and the URL's name.

    Left alone, Celery encrypts and trusts whoever answers.
    """
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return None
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}


class BeatEntry(TypedDict):
    """An entry of beat's schedule, as Celery takes it; times in seconds."""

    task: str
    schedule: float
    options: dict[str, float]


def every(seconds: float, task: str) -> BeatEntry:
    """Return a beat entry. Missed rounds need no catching up, since each does everything that is due; they expire."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds * 5, "confirm_timeout": PUBLISH_SECONDS}}


class LoopThread:
    """An event loop in a thread of its own, so that all tasks of a worker share one pool of connections."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name=name, daemon=True).start()
        asyncio.run_coroutine_threadsafe(event_loop_lag.watch_loop(), self.loop)

    def follow(self, configuration: Followed) -> None:
        """Run with the platform's policy from now on; raises what hinders its first reading."""
        self.run(configuration.reload())
        asyncio.run_coroutine_threadsafe(configuration.run(), self.loop)

    def run(self, work: Coroutine[object, object, T], seconds: float | None = TASK_SECONDS) -> T:
        """Run in the loop and wait, for two minutes at most unless it is told otherwise (None: as long as it takes)."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(seconds)
        finally:
            future.cancel()


def at_shutdown(thread: LoopThread, callback: Callable[[], None]) -> None:
    """Call this in the loop when the worker is told to end; it then waits for the tasks in hand."""

    def ending(**_: object) -> None:
        thread.loop.call_soon_threadsafe(callback)

    worker_shutting_down.connect(ending, weak=False)


class Once(Generic[T]):
    """Makes a thing with its first use: importing a task module must not open connections."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: T | None = None

    def __call__(self) -> T:
        """Return the thing, made once."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made
