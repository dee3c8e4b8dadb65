"""What makes a Celery worker and beat ready, asked by their probe servers.

A worker is ready while it consumes and its database answers; beat while it ticks and the broker can be reached.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

import asyncpg
from celery import Celery, bootsteps, signals
from celery.beat import PersistentScheduler
from celery.worker.consumer.consumer import Consumer
from mesto.common.observability.health import SyncCheck, health_routes, health_server, in_threads, serve_in_background
from mesto.common.settings import CommonSettings, ServiceSettings
from sqlalchemy.engine import make_url

TICK_SECONDS = 5
"""Beat looks at its schedule at least this often."""
_TICKS_MISSED = 3


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """Beat's scheduler, which says when it last looked at its schedule. Publishing blocks it while the broker hangs."""

    ticked: float | None = None

    def tick(self, *arguments: object, **named: object) -> float:
        """Send what is due, as Celery's does; return the seconds until the next tick."""
        pause = float(super().tick(*arguments, **named))
        Scheduler.ticked = time.monotonic()
        return pause


class Consuming(bootsteps.StartStopStep):  # type: ignore[misc]
    """The last step of Celery's consumer: runs while there is a connection that tasks come from."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    consumer: Consumer | None = None

    def start(self, parent: Consumer) -> None:
        """Note that tasks can come."""
        Consuming.consumer = parent

    def stop(self, parent: Consumer) -> None:
        """Note that the connection is lost, or that the worker ends."""
        Consuming.consumer = None

    shutdown = stop


def _worker_consumes(app: Celery) -> None:
    _broker_answers(app)
    consumer = Consuming.consumer
    connection = consumer.connection if consumer is not None else None
    if connection is None or not connection.connected:
        raise ConnectionError("not consuming: no connection to the broker")


def _beat_ticks() -> None:
    if Scheduler.ticked is None:
        raise RuntimeError("has not looked at its schedule yet")
    age = time.monotonic() - Scheduler.ticked
    if age > TICK_SECONDS * _TICKS_MISSED:
        raise RuntimeError(f"last looked at its schedule {age:.0f} s ago")


def _broker_answers(app: Celery) -> None:
    with app.connection_for_write(connect_timeout=2) as connection:
        connection.connect()


def _database_check(service: str) -> SyncCheck:
    """Asks on a connection of its own: a pool that tasks have filled must not look like an outage."""
    url = make_url(ServiceSettings.load(service).database_url.get_secret_value()).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    named = {"application_name": f"mesto-{service}-probe"}

    async def ping_database() -> None:
        connection = await asyncpg.connect(address, timeout=2, server_settings=named)
        try:
            await connection.execute("SELECT 1", timeout=1)
        finally:
            connection.terminate()

    return lambda: asyncio.run(ping_database())


def _serve(checks: dict[str, SyncCheck]) -> None:
    settings = CommonSettings()
    if settings.probe_port:
        serve_in_background(health_server(health_routes(in_threads(checks)), settings.bind, settings.probe_port))


def install(app: Celery, service: str) -> None:
    """Serve probes from the worker and the beat that run this app, when MESTO_PROBE_PORT is set."""
    app.steps["consumer"].add(Consuming)

    def worker(**_: object) -> None:
        _serve({"broker": partial(_worker_consumes, app), "database": _database_check(service)})

    def beat(**_: object) -> None:
        _serve({"schedule": _beat_ticks, "broker": partial(_broker_answers, app)})

    signals.worker_init.connect(worker, weak=False)
    signals.beat_init.connect(beat, weak=False)
