"""Celery: audits and rebuilds, when they are due or asked for."""

from __future__ import annotations

from mesto.catalog import consistency
from mesto.catalog.declarations.service import Catalog
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.tables import CONFIGURATION, JOBS
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.common.worker.tasks import LoopThread, Once, at_shutdown, celery_app, every
from mesto.contracts.policy import CatalogPolicy

app = celery_app("catalog", {"jobs": every(JOBS_SECONDS, "catalog.jobs")})


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("catalog-tasks")
        settings = CatalogSettings.load("catalog")
        database = Database(settings.database_url.get_secret_value(), "catalog-tasks", pool_size=4)
        configuration = Configuration(database, CONFIGURATION, "catalog", CatalogPolicy, settings.platform_config)
        catalog = Catalog(settings, database, configuration)
        sources = Sources(settings, "catalog")
        self.runner = Runner(database, Jobs("catalog", JOBS), settings, lambda: consistency.checks(catalog, sources))
        self.follow(configuration)
        at_shutdown(self, self.runner.stop)


runtime = Once(Runtime)


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


jobs_task = app.task(name="catalog.jobs", acks_late=False)(jobs)
