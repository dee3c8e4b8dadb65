"""Celery: what must happen at a time. Beat looks every few seconds; ``due_at`` in the database says what is due."""

from __future__ import annotations

import structlog
from mesto.booking import consistency, tables
from mesto.booking.service import Bookings
from mesto.booking.settings import BookingSettings
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.common.worker.tasks import LoopThread, Once, at_shutdown, celery_app, every
from mesto.contracts.policy import BookingSection

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
        database = Database(settings.database_url.get_secret_value(), "booking-tasks", pool_size=4)
        configuration = Configuration(
            database, tables.configuration, "booking", BookingSection, settings.platform_config
        )
        self.configuration = configuration
        self.bookings = Bookings(database, policy=lambda: configuration.policy)
        configuration.changed = self.bookings.verdicts.reckon_by
        sources = Sources(settings, "booking")
        self.runner = Runner(
            database, Jobs("booking", tables.jobs), settings, lambda: consistency.checks(database, sources)
        )
        self.follow(configuration)
        at_shutdown(self, self.runner.stop)

    async def renew(self) -> None:
        """By the platform's policy, once that is known."""
        await self.configuration.first()
        await self.bookings.verdicts.renew()


runtime = Once(Runtime)


def sweep() -> None:
    """Let holds run out, decline requests nobody answered, complete bookings that ended."""
    service = runtime()
    done = service.run(service.bookings.lifecycle.sweep())
    if done:
        log.info("swept", bookings=done)


def verdicts() -> None:
    """Reckon anew what may have become bookable, or no more, by the time alone."""
    service = runtime()
    service.run(service.renew())


def prune() -> None:
    """Forget idempotency keys and handled events that are old enough."""
    service = runtime()
    service.run(service.bookings.lifecycle.prune())


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


sweep_task = app.task(name="booking.sweep")(sweep)
verdicts_task = app.task(name="booking.verdicts")(verdicts)
prune_task = app.task(name="booking.prune")(prune)
jobs_task = app.task(name="booking.jobs", acks_late=False)(jobs)
