"""Celery: what must happen at a time. Beat looks every few seconds; ``due_at`` in the database says what is due.

``celery -A mesto.booking.tasks:app worker -P threads -c 2 -Q booking`` and ``celery -A mesto.booking.tasks:app beat``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

import structlog
from celery import Celery
from celery.signals import setup_logging
from mesto.booking.service import Bookings
from mesto.booking.settings import BookingSettings
from mesto.common import telemetry
from mesto.common.db import Database
from mesto.common.settings import CommonSettings

T = TypeVar("T")
log = structlog.get_logger(__name__)
SWEEP_SECONDS = 2.0
PRUNE_SECONDS = 3600.0
TASK_TIMEOUT = 120

app = Celery("booking", broker=CommonSettings().broker_url.get_secret_value() or None, set_as_current=False)
app.conf.update(
    task_default_queue="booking",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    result_backend=None,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        # Missed rounds need no catching up: each looks at everything that is due. They expire with the next.
        "sweep": {"task": "booking.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS * 5}},
        "prune": {"task": "booking.prune", "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
    },
)


class Runtime:
    """An event loop in a thread of its own, so that all tasks of a worker share one pool of connections."""

    def __init__(self) -> None:
        settings = BookingSettings.load("booking")
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="booking-tasks", daemon=True).start()
        self.database = Database(settings.database_url.get_secret_value(), "booking-tasks", pool_size=4)
        self.bookings = Bookings(self.database)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the loop and wait, for two minutes at most."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(TASK_TIMEOUT)
        finally:
            future.cancel()


_starting = threading.Lock()


@cache
def _made() -> Runtime:
    return Runtime()


def runtime() -> Runtime:
    """The runtime of this process, made with the first task."""
    with _starting:
        return _made()


def _configure_logging(**_: Any) -> None:
    telemetry.configure(CommonSettings(), "booking-tasks")


setup_logging.connect(_configure_logging)


def sweep() -> None:
    """Let holds run out, decline requests nobody answered, complete bookings that ended."""
    service = runtime()
    done = service.run(service.bookings.lifecycle.sweep())
    if done:
        log.info("swept", bookings=done)


def prune() -> None:
    """Forget idempotency keys and handled events that are old enough."""
    service = runtime()
    service.run(service.bookings.lifecycle.prune())


sweep_task = app.task(name="booking.sweep")(sweep)
prune_task = app.task(name="booking.prune")(prune)
