"""Celery: what is over is forgotten, every hour."""

from __future__ import annotations

import structlog
from mesto.auth import bootstrap
from mesto.common.settings import ServiceSettings
from mesto.common.worker.tasks import LoopThread, Once, celery_app, every

log = structlog.get_logger(__name__)
app = celery_app("auth", {"prune": every(3600.0, "auth.prune")})


class Runtime(LoopThread):
    """What a task works with. It signs no tokens, so it needs no keys of them."""

    def __init__(self) -> None:
        super().__init__("auth-tasks")
        self.housekeeping = bootstrap.build_housekeeping(ServiceSettings.load("auth"))
        self.follow(self.housekeeping.configuration)


runtime = Once(Runtime)


def prune() -> None:
    """Forget counts, links, sessions, devices and entries of the security log that are old enough."""
    service = runtime()
    log.info("pruned", **service.run(service.housekeeping.prune()))


prune_task = app.task(name="auth.prune")(prune)
