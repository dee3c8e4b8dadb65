"""scrapyd as a process of ours: ``python -m mesto.spiders.daemon``, started in the folder of scrapy.cfg.

It runs the spider of this distribution and takes no other code. Everything but probes needs the password.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import structlog
from mesto.common.observability import telemetry
from mesto.common.observability.readiness import record_readiness
from mesto.common.settings import CommonSettings
from mesto.contracts.scraping import PROJECT, SPIDER
from mesto.spiders.environment import CALLER
from mesto.spiders.launcher import ENDED
from mesto.spiders.runner import PARENT
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import Field, SecretStr
from scrapyd import Config
from scrapyd.app import application as scrapyd_application
from scrapyd.interfaces import IEnvironment, IPoller
from scrapyd.webservice import spider_list
from twisted.application.app import startApplication
from twisted.application.internet import TCPServer
from twisted.application.service import IServiceCollection
from twisted.internet import reactor
from twisted.python.log import PythonLoggingObserver
from twisted.web import resource, server

log = structlog.get_logger(__name__)
JOBS = Gauge("mesto_spiders_jobs", "Jobs of scrapyd, by state", ["state"])
_SECRET = ("MESTO_SCRAPYD_PASSWORD",)


class DaemonSettings(CommonSettings):
    """``folder`` holds scrapyd's databases and the logs of jobs."""

    port: int = Field(default=18161, validation_alias="MESTO_SCRAPYD_PORT")
    folder: Path = Field(validation_alias="MESTO_SCRAPYD_FOLDER")
    username: str = Field(default="mesto", min_length=1, pattern="^[^:]+$", validation_alias="MESTO_SCRAPYD_USERNAME")
    password: SecretStr = Field(min_length=8, validation_alias="MESTO_SCRAPYD_PASSWORD")


class Probes(resource.Resource):
    """/healthz, /readyz and /metrics for everybody, all else behind the password."""

    def __init__(self, guarded: resource.IResource, app: Any) -> None:
        super().__init__()
        self.guarded, self.app = guarded, app
        for name, answer in {"healthz": self._health, "readyz": self._ready, "metrics": self._metrics}.items():
            self.putChild(name.encode(), _Plain(answer))

    def getChild(self, path: bytes, request: Any) -> Any:  # noqa: N802
        """Return what is none of ours."""
        return self.guarded.getChildWithDefault(path, request)

    def _health(self) -> tuple[int, str, bytes]:
        return 200, "application/json", b'{"status": "ok"}'

    def _ready(self) -> tuple[int, str, bytes]:
        try:
            self._count()
        except Exception as error:
            log.warning("not_ready", error=repr(error))
            record_readiness({"queue": "failed"})
            return 503, "application/json", b'{"ready": false, "checks": {"queue": "failed"}}'
        record_readiness({"queue": "ok"})
        return 200, "application/json", b'{"ready": true, "checks": {"queue": "ok"}}'

    def _metrics(self) -> tuple[int, str, bytes]:
        self._ready()
        return 200, CONTENT_TYPE_LATEST, generate_latest()

    def _count(self) -> None:
        """Refresh the gauges; raises what the queue's database raises."""
        queues = self.app.getComponent(IPoller).queues
        JOBS.labels("pending").set(sum(queue.count() for queue in queues.values()))
        JOBS.labels("running").set(len(IServiceCollection(self.app).getServiceNamed("launcher").processes))


class _Plain(resource.Resource):
    isLeaf = True  # noqa: N815

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def render_GET(self, request: Any) -> bytes:  # noqa: N802
        status, content_type, body = self.answer()
        request.setResponseCode(status)
        request.setHeader("Content-Type", content_type)
        return bytes(body)


def configuration(settings: DaemonSettings) -> Any:
    """Return scrapy.cfg with what the environment says."""
    config = Config()
    values = {
        "bind_address": settings.bind,
        "http_port": str(settings.port),
        "username": settings.username,
        "password": settings.password.get_secret_value(),
        "logs_dir": str(settings.folder / "logs"),
        "dbs_dir": str(settings.folder / "dbs"),
        "debug": "off",
    }
    for name, value in values.items():
        config.cp.set(Config.SECTION, name, value.replace("%", "%%"))
    if PROJECT not in dict(config.items("settings", default=[])):
        raise SystemExit("scrapy.cfg was not found: start scrapyd in the folder where it is")
    return config


def application(settings: DaemonSettings) -> Any:
    """Return the whole process, not yet listening."""
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    app = scrapyd_application(configuration(settings))
    # Spiders read pages that anybody wrote; they need no password of ours.
    environment = {name: value for name, value in os.environ.items() if name not in _SECRET}
    app.getComponent(IEnvironment).initenv = environment | {PARENT: str(os.getpid())}
    spider_list.cache[PROJECT][None] = [SPIDER]  # or the first schedule would start a process to ask
    (listening,) = (service for service in IServiceCollection(app) if isinstance(service, TCPServer))
    port, site = listening.args
    listening.args = (port, server.Site(Probes(site.resource, app)))
    for how in ("ended", "failed", "killed"):
        ENDED.labels(how)
    return app


def main() -> None:
    """Run until SIGTERM."""
    settings = DaemonSettings()
    telemetry.configure(settings, CALLER)
    logging.getLogger("scrapyd").setLevel(logging.WARNING)  # a line for each request
    PythonLoggingObserver("scrapyd").start()
    startApplication(application(settings), False)
    log.info("started", port=settings.port)
    reactor.run()  # type: ignore[attr-defined]
    log.info("stopped")


if __name__ == "__main__":
    main()
