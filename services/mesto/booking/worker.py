"""Celery: what must happen at a time. Beat looks every few seconds; ``due_at`` in the database says what is due."""

from __future__ import annotations

import structlog
from mesto.booking import bootstrap
from mesto.booking.settings import BookingSettings
from mesto.booking.tables import JOBS
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.worker.tasks import LoopThread, Once, at_shutdown, celery_app, every

log = structlog.get_logger(__name__)
app = celery_app(
    "booking",
    {
        "sweep": every(2.0, "booking.sweep"),
        "verdicts": every(10.0, "booking.verdicts"),
        "prune": every(3600.0, "booking.prune"),
        "jobs": every(JOBS_SECONDS, "booking.jobs"),
    },
)


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("booking-tasks")
        settings = BookingSettings.load("booking")
        self.booking = bootstrap.build(settings, "booking-tasks", pool_size=4)
        self.follow(self.booking.configuration)
        sources, database = Sources(settings, "booking"), self.booking.database
        self.runner = Runner(database, Jobs("booking", JOBS), settings, lambda: self.booking.checks(sources))
        at_shutdown(self, self.runner.stop)

    async def renew(self) -> None:
        """Reckon verdicts anew by the platform's policy, once that is known."""
        await self.booking.configuration.wait_until_read()
        await self.booking.verdicts.renew()

    async def prune(self) -> None:
        """Forget what is old enough."""
        keys, handled = await self.booking.idempotency.prune(), await self.booking.projections.prune_inbox()
        log.info("pruned", idempotency_keys=keys, inbox=handled)


runtime = Once(Runtime)


def sweep() -> None:
    """Let holds run out, decline requests nobody answered, complete bookings that ended."""
    service = runtime()
    done = service.run(service.booking.lifecycle.sweep())
    if done:
        log.info("swept", bookings=done)


def verdicts() -> None:
    """Reckon anew what may have become bookable, or no more, by the time alone."""
    service = runtime()
    service.run(service.renew())


def prune() -> None:
    """Forget idempotency keys and handled events that are old enough."""
    service = runtime()
    service.run(service.prune())


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


sweep_task = app.task(name="booking.sweep")(sweep)
verdicts_task = app.task(name="booking.verdicts")(verdicts)
prune_task = app.task(name="booking.prune")(prune)
jobs_task = app.task(name="booking.jobs", acks_late=False)(jobs)
