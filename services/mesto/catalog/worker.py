"""Celery: audits and rebuilds, when they are due or asked for, and invitations of owners."""

from __future__ import annotations

from mesto.catalog import bootstrap
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.tables import JOBS
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.worker.tasks import LoopThread, Once, at_shutdown, celery_app, every

INVITE_SECONDS = 60.0
app = celery_app(
    "catalog", {"jobs": every(JOBS_SECONDS, "catalog.jobs"), "invite": every(INVITE_SECONDS, "catalog.invite")}
)


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("catalog-tasks")
        settings = CatalogSettings.load("catalog")
        catalog = bootstrap.build(settings, "catalog-tasks", pool_size=4)
        self.ownership = catalog.ownership
        sources = Sources(settings, "catalog")
        self.runner = Runner(catalog.database, Jobs("catalog", JOBS), settings, lambda: catalog.checks(sources))
        self.follow(catalog.configuration)
        at_shutdown(self, self.runner.stop)


runtime = Once(Runtime)


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


def invite() -> None:
    """Have those invited whom spaces name as owners and who have no account."""
    service = runtime()
    service.run(service.ownership.invite())


jobs_task = app.task(name="catalog.jobs", acks_late=False)(jobs)
invite_task = app.task(name="catalog.invite")(invite)
