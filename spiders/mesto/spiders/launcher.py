"""The parts of scrapyd that scrapy.cfg puts in place of its own: spiders end with it, and no code is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from mesto.spiders.turns import RUNNING, namespace_of
from prometheus_client import Counter
from scrapyd import launcher
from scrapyd.interfaces import IEggStorage
from twisted.internet import defer, reactor
from zope.interface import implementer

log = structlog.get_logger(__name__)
ENDED = Counter("mesto_spiders_ended_total", "Processes of spiders that ended, by how", ["how"])
STOP_SECONDS = 20.0
"""How long spiders may take to say that they were stopped."""


@implementer(IEggStorage)
class NoEggs:
    """Keeps no code: what may run is installed with us."""

    def __init__(self, config: Any) -> None:
        """Scrapyd makes it."""

    def put(self, eggfile: Any, project: str, version: str) -> None:
        """Raises PermissionError."""
        raise PermissionError("no code is taken over the network")

    def get(self, project: str, version: str | None = None) -> tuple[None, None]:
        """Return nothing."""
        return None, None

    def list(self, project: str) -> Sequence[str]:
        """Return no version."""
        return []

    def list_projects(self) -> Sequence[str]:
        """Return no project: there are only those of scrapy.cfg."""
        return []

    def delete(self, project: str, version: str | None = None) -> None:
        """Raises PermissionError."""
        raise PermissionError("no code is kept here")


class Launcher(launcher.Launcher):  # type: ignore[misc]
    """Scrapyd's own, which also ends its spiders when it ends, and counts whose they are and how they ended."""

    def stopService(self) -> Any:  # noqa: N802 - Twisted's name
        """Send SIGTERM to each spider, SIGKILL to those that are still there later; fires when all are gone."""
        super().stopService()
        running = list(self.processes.values())
        for process in running:
            process.transport.signalProcess("TERM")
        gone = defer.DeferredList([_ended(process) for process in running])
        cut = reactor.callLater(STOP_SECONDS, self._kill)  # type: ignore[attr-defined]
        gone.addBoth(lambda _: cut.cancel() if cut.active() else None)
        return gone

    def _kill(self) -> None:
        for process in list(self.processes.values()):
            log.warning("spider_killed", run=process.job)
            process.transport.signalProcess("KILL")

    def _spawn_process(self, message: dict[str, Any], slot: int) -> None:
        super()._spawn_process(message, slot)
        process = self.processes[slot]
        log.info("spider_started", run=process.job, pid=process.pid)
        ended, namespace = process.processEnded, namespace_of(message)
        RUNNING[namespace] += 1

        def count(status: Any) -> None:
            RUNNING[namespace] -= 1
            _count(process.job, status)
            ended(status)

        process.processEnded = count


def _count(run: str, status: Any) -> None:
    reason = status.value
    how = "killed" if getattr(reason, "signal", None) else "failed" if getattr(reason, "exitCode", 0) else "ended"
    ENDED.labels(how).inc()
    log.info("spider_ended", run=run, how=how)


def _ended(process: Any) -> defer.Deferred[None]:
    """Return what fires when a process is gone."""
    gone: defer.Deferred[None] = defer.Deferred()

    def pass_on(result: Any) -> Any:
        gone.callback(None)
        return result

    process.deferred.addBoth(pass_on)
    return gone
