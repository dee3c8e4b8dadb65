"""What a service reads from its own tables now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from mesto.common.database.engine import Database
from prometheus_client import Counter, Gauge
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MEASURED = Gauge("mesto_measured_timestamp_seconds", "When figures were last read from tables", ["service"])
FAILED = Counter("mesto_measure_failures_total", "Readings of figures that failed", ["service"])
WAITING = Gauge("mesto_outbox_waiting", "Events not yet published", ["service"])
OUTBOX_LAG = Gauge("mesto_outbox_lag_seconds", "Age of the oldest event not yet published, 0 without any", ["service"])
MEASURE_SECONDS = 5.0
Reader = Callable[[AsyncConnection], Awaitable[None]]


class Measures:
    """Figures read from a service's tables every five seconds, by one connection; each replica shows the same ones.

    A reader sets its gauges after its query. While the database is away the last figures stay, and
    ``mesto_measured_timestamp_seconds`` says how old they are.
    """

    def __init__(self, database: Database, service: str, readers: Sequence[Reader]) -> None:
        self.database, self.service, self.readers = database, service, readers

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            try:
                async with self.database.read() as connection:
                    for reader in self.readers:
                        await reader(connection)
                MEASURED.labels(self.service).set(time.time())
            except Exception as error:
                FAILED.labels(self.service).inc()
                log.warning("not_measured", error=repr(error))
            await asyncio.sleep(MEASURE_SECONDS)


def outbox_reader(table: Table, service: str) -> Reader:
    """Return a reader of how much waits in the outbox and for how long, whoever is to publish it."""
    oldest: float | None = None

    def age() -> float:
        return 0.0 if oldest is None else time.monotonic() - oldest

    OUTBOX_LAG.labels(service).set_function(age)
    WAITING.labels(service).set(0)

    async def read(connection: AsyncConnection) -> None:
        nonlocal oldest
        seconds = func.extract("epoch", func.clock_timestamp() - func.min(table.c.created_at))
        waiting, since = (await connection.execute(select(func.count(), seconds).select_from(table))).one()
        WAITING.labels(service).set(waiting)
        oldest = None if since is None else time.monotonic() - max(0.0, float(since))

    return read
