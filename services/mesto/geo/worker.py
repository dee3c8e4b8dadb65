"""Celery: audits and rebuilds, when they are due or asked for."""

from __future__ import annotations

from collections.abc import Sequence

from mesto.common.audit.checks import Check
from mesto.common.audit.jobs import Jobs
from mesto.common.audit.owners import Owners
from mesto.common.audit.runner import JOBS_SECONDS, Runner
from mesto.common.configuration import Configuration
from mesto.common.db import Database
from mesto.common.tasks import LoopThread, Once, at_shutdown, celery_app, every
from mesto.contracts.policy import GeoPolicy
from mesto.geo import consistency
from mesto.geo.service import Geo
from mesto.geo.settings import GeoSettings
from mesto.geo.tables import CONFIGURATION, JOBS

app = celery_app("geo", {"jobs": every(JOBS_SECONDS, "geo.jobs")})


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("geo-tasks")
        self.settings = GeoSettings.load("geo")
        self.database = Database(self.settings.database_url.get_secret_value(), "geo-tasks", pool_size=4)
        self.configuration = Configuration(
            self.database, CONFIGURATION, "geo", GeoPolicy, self.settings.platform_config
        )
        self.follow(self.configuration)
        self.owners = Owners(self.settings, "geo")
        self.runner = Runner(self.database, Jobs("geo", JOBS), self.settings, self.checks)
        at_shutdown(self, self.runner.stop)

    def checks(self) -> Sequence[Check]:
        """With the radius that the platform's policy has now."""
        return consistency.checks(Geo(self.database, self.configuration), self.owners)


runtime = Once(Runtime)


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


jobs_task = app.task(name="geo.jobs", acks_late=False)(jobs)
