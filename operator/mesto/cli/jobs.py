"""Audits and rebuilds: asked for at the services, followed until their workers have done them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from mesto.cli import service_client
from mesto.cli.failure import PLATFORM, Failure
from mesto.contracts.jobs import CheckReport, Job, JobKind

if TYPE_CHECKING:
    from rich.table import Table

POLL_SECONDS = 0.5
SILENT_SECONDS = 15
PATIENCE_SECONDS = 60


class Audited(StrEnum):
    """Services that learn from others; auth keeps nothing but its own."""

    CATALOG = "catalog"
    BOOKING = "booking"
    GEO = "geo"
    NOTIFICATIONS = "notifications"


def request(service: str, kind: JobKind, settle_seconds: float | None = None) -> Job:
    """Return a new job. Raises Failure, also when there is one of the kind already."""
    body: dict[str, object] = {"kind": kind}
    if settle_seconds is not None:
        body["settle_seconds"] = settle_seconds
    return Job.model_validate(service_client.call(service, "POST", "/internal/jobs", body))


def request_or_join(service: str, kind: JobKind, settle_seconds: float | None, say: Callable[[str], None]) -> Job:
    """Return a new job, or the one of the kind that there is already. Raises Failure."""
    try:
        return request(service, kind, settle_seconds)
    except Failure as failure:
        if (job_id := failure.problem.get("job_id")) is None:
            raise
        say(f"{failure} This is what will be told of it.")
        return Job.model_validate(service_client.call(service, "GET", f"/internal/jobs/{job_id}"))


def _refresh(job: Job, unreachable: dict[str, float]) -> Job:
    """Return the job as it is now; a service that restarts is waited for."""
    try:
        now = Job.model_validate(service_client.call(job.service, "GET", f"/internal/jobs/{job.id}"))
    except Failure as failure:
        since = unreachable.setdefault(job.service, time.monotonic())
        if failure.code != PLATFORM or time.monotonic() - since > PATIENCE_SECONDS:
            raise
        return job
    unreachable.pop(job.service, None)
    return now


def follow(jobs: Sequence[Job], say: Callable[[str], None], timeout: float) -> list[Job]:
    """Return the jobs when all have ended; ``say`` is told how far they are.

    Raises Failure after ``timeout`` seconds.
    """
    last_lines: dict[str, str] = {}
    unreachable: dict[str, float] = {}
    begun, left = time.monotonic(), list(jobs)
    while True:
        left = [job if job.finished_at else _refresh(job, unreachable) for job in left]
        waited = time.monotonic() - begun
        for job in left:
            if (line := _line(job, waited)) and last_lines.get(job.service) != line:
                last_lines[job.service] = line
                say(line)
        if all(job.finished_at for job in left):
            return left
        if waited > timeout:
            names = ", ".join(job.service for job in left if not job.finished_at)
            raise Failure(f"{names}: not done after {timeout:.0f} s. It goes on; ask again later.", PLATFORM)
        time.sleep(POLL_SECONDS)


def _line(job: Job, waited: float) -> str:
    if job.status == "waiting":
        silent = waited > SILENT_SECONDS
        return f"{job.service}: waits; its Celery worker is busy, or does not run." if silent else ""
    if job.status == "failed":
        return f"{job.service}: failed: {job.error}"
    checked = sum(check.checked for check in job.checks)
    return f"{job.service}: {job.kind} {job.status}, {checked} checked."


def table(jobs: Sequence[Job], heading: str) -> Table:
    """Return what came of the jobs, a line for each check."""
    from rich.table import Table

    found = Table(box=None, pad_edge=False)
    for name in ("service", "check"):
        found.add_column(name, no_wrap=True)
    for name in ("checked", heading):
        found.add_column(name, no_wrap=True, justify="right")
    found.add_column("what", overflow="fold")
    found.add_column("ids", overflow="fold")
    for job, check in _checks(jobs):
        kinds = ", ".join(f"{count} {what}" for what, count in check.by_kind.items())
        named = [
            f"{difference.id} ({difference.detail})" if difference.detail else difference.id
            for difference in check.differences
        ]
        if check.found > len(named):
            named.append(f"… and {check.found - len(named)} more")
        more = "+" if check.more else ""
        found.add_row(job.service, check.name, str(check.checked), f"{check.found}{more}", kinds, "\n".join(named))
    return found


def _checks(jobs: Sequence[Job]) -> Iterator[tuple[Job, CheckReport]]:
    return ((job, check) for job in jobs for check in job.checks)


def total(jobs: Sequence[Job]) -> int:
    """Return how much was found by all checks of all jobs."""
    return sum(check.found for _, check in _checks(jobs))
