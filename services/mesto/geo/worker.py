"""Celery: audits and rebuilds, when they are due or asked for."""

from __future__ import annotations

from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.worker.tasks import LoopThread, Once, at_shutdown, celery_app, every
from mesto.geo import bootstrap
from mesto.geo.settings import GeoSettings
from mesto.geo.tables import JOBS

app = celery_app("geo", {"jobs": every(JOBS_SECONDS, "geo.jobs")})


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("geo-tasks")
        settings = GeoSettings.load("geo")
        geo = bootstrap.build(settings, "geo-tasks", pool_size=4)
        self.follow(geo.configuration)  # the radius is the one that the platform's policy has now
        sources = Sources(settings, "geo")
        self.runner = Runner(geo.database, Jobs("geo", JOBS), settings, lambda: geo.checks(sources))
        at_shutdown(self, self.runner.stop)


runtime = Once(Runtime)


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


jobs_task = app.task(name="geo.jobs", acks_late=False)(jobs)
