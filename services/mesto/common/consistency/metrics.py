"""What the newest audit found, as gauges. Read from the table, so that a restart of any process loses nothing."""

from __future__ import annotations

import time

from mesto.common.consistency.jobs import Jobs
from mesto.common.observability.metrics import Reader
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

DIFFERENCES = Gauge("mesto_audit_differences", "Differences that the newest audit found", ["service", "check"])
LAST_RUN = Gauge(
    "mesto_audit_last_run_timestamp_seconds",
    "When the newest audit was done; before the first one, since when it is wanted",
    ["service"],
)


def audit_reader(jobs: Jobs) -> Reader:
    """Return a reader that sets both gauges."""
    shown: set[str] = set()
    begun = time.time()

    async def read(connection: AsyncConnection) -> None:
        last = await jobs.last_audit(connection)
        # Before anybody has asked for one: since we look, so that the alert comes when nobody ever does.
        LAST_RUN.labels(jobs.service).set(last.at.timestamp() if last else begun)
        if last is None:
            return
        for gone in shown - {check.name for check in last.checks}:
            DIFFERENCES.remove(jobs.service, gone)
        shown.clear()
        for check in last.checks:
            DIFFERENCES.labels(jobs.service, check.name).set(check.found)
            shown.add(check.name)

    return read
