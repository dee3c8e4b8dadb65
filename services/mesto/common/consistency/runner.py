"""Does the jobs of one service, one after the other; the service's Celery task calls it every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from mesto.common.consistency import checks as work
from mesto.common.consistency.checks import Check
from mesto.common.consistency.jobs import ATTEMPTS, LEASE, Jobs
from mesto.common.database.engine import Database
from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.common.observability import telemetry
from mesto.common.settings import CommonSettings
from mesto.contracts.jobs import CheckReport, Job

log = structlog.get_logger(__name__)
JOBS_SECONDS = 2.0
"""How often the service's task looks for jobs."""
SHOW_SECONDS = 1.0
AGAIN = timedelta(minutes=5)
"""A nightly audit that failed is tried again so long after."""


def last_due(clock_time: str, now: datetime) -> datetime:
    """Return when it was last so late (HH:MM) by the clock of ``now``'s zone, in that zone."""
    hour, minute = (int(part) for part in clock_time.split(":"))
    due = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return due if due <= now else due - timedelta(days=1)


class Stopping(Exception):
    """The worker ends: the job goes back."""


class LeaseLost(Exception):
    """Another worker does the job by now: this one was away for too long."""


class Runner:
    """Claims jobs and does them. ``make_checks`` gives the service's checks, in the order in which they are done."""

    def __init__(
        self, database: Database, jobs: Jobs, settings: CommonSettings, make_checks: Callable[[], Sequence[Check]]
    ) -> None:
        self.database, self.jobs, self.settings, self.make_checks = database, jobs, settings, make_checks
        self._reports: Sequence[CheckReport] = ()
        self._shown = 0.0
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Give the job in hand back and begin no other, for the worker ends. Call it in the loop."""
        self._stop.set()

    async def run_due(self) -> None:
        """Ask for the night's audit when it is due, then do what waits; returns when nothing does."""
        if self.settings.audit_time:
            due = last_due(self.settings.audit_time, datetime.now().astimezone())
            async with self.database.transaction() as connection:
                await self.jobs.request_nightly_audit(connection, due, AGAIN)
        while not self._stop.is_set():
            async with self.database.transaction() as connection:
                claimed = await self.jobs.claim(connection)
            if claimed is None:
                return
            await self._do(*claimed)

    async def _do(self, job: Job, holder: UUID) -> None:
        log.info("job_started", kind=job.kind, job=str(job.id), attempt=job.attempts)
        if job.attempts > ATTEMPTS:
            return await self._finish(holder, None, f"given up: its worker died {ATTEMPTS} times")
        self._reports = ()
        beating = asyncio.create_task(self._beat(holder))
        doing = asyncio.create_task(self._work(job, holder))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait({beating, doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if doing not in done:
                raise LeaseLost if beating in done else Stopping
            reports = doing.result()
        except Stopping:
            log.info("job_given_back", kind=job.kind, job=str(job.id))
            async with self.database.transaction() as connection:
                await self.jobs.give_back(connection, holder)
        except LeaseLost:
            log.warning("job_lost", kind=job.kind, job=str(job.id))
        except (ServiceUnavailable, RequestRejected) as error:
            log.warning("job_failed", kind=job.kind, job=str(job.id), error=repr(error))
            await self._finish(holder, None, str(error))
        except Exception as error:
            log.exception("job_failed", kind=job.kind, job=str(job.id))
            telemetry.report(error, job=job.kind)
            await self._finish(holder, None, f"{type(error).__name__}: the worker's log tells more")
        else:
            self._log_reports(job, reports)
            await self._finish(holder, reports)
        finally:
            for task in (beating, doing, stopping):
                task.cancel()
            await asyncio.gather(beating, doing, stopping, return_exceptions=True)

    async def _work(self, job: Job, holder: UUID) -> list[CheckReport]:
        async def progress(reports: list[CheckReport]) -> None:
            self._reports = list(reports)
            if time.monotonic() - self._shown > SHOW_SECONDS:
                self._shown = time.monotonic()
                await self._keep(holder)

        if job.kind == "audit":
            settle = self.settings.audit_settle_seconds if job.settle_seconds is None else job.settle_seconds
            return await work.audit(self.make_checks(), settle, progress)
        return await work.rebuild(self.make_checks(), progress)

    async def _keep(self, holder: UUID) -> None:
        async with self.database.transaction() as connection:
            if not await self.jobs.keep(connection, holder, self._reports):
                raise LeaseLost

    async def _beat(self, holder: UUID) -> None:
        """Keep the lease until it is lost; a database that is away for a moment is none of its business."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 4)
            try:
                await self._keep(holder)
            except LeaseLost:
                return
            except Exception as error:
                log.warning("lease_not_renewed", error=repr(error))

    async def _finish(self, holder: UUID, reports: Sequence[CheckReport] | None, error: str = "") -> None:
        try:
            async with self.database.transaction() as connection:
                await self.jobs.finish(connection, holder, reports, error)
        except Exception as failure:  # then the lease runs out and the job is done again
            log.warning("job_not_finished", error=repr(failure))

    def _log_reports(self, job: Job, reports: Sequence[CheckReport]) -> None:
        found = sum(report.found for report in reports)
        log.info(
            "job_done", kind=job.kind, job=str(job.id), checked=sum(report.checked for report in reports), found=found
        )
        for report in reports:
            if not report.found:
                continue
            ids = [difference.id for difference in report.differences]
            event = "audit_difference" if job.kind == "audit" else "rebuild_mended"
            log.warning(
                event, service=self.jobs.service, check=report.name, count=report.found, kinds=report.by_kind, ids=ids
            )
