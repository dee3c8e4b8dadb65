"""A whole platform whose processes can be killed at named points, and are started anew when they end."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mestolocal.paths import REPO, venv_bin
from mestolocal.server import Child, Server
from mestolocal.services import CELERY_SERVICES
from mestolocal.sessions import SessionServers
from support.kills.armed import FOLDER
from support.kills.mails import MailSink
from support.servers.platform import Platform
from support.waiting import eventually

PARTS = ("auth", "catalog", "booking", "geo", "notifications", "operator", "gateway")
AT_ONCE = "at random"
SERVERS = ("postgres", "rabbitmq", "kube-apiserver", "etcd")
_PLAIN = ("gateway",)

_RELAY = ("relay.before_publish", "relay.after_confirm", "relay.before_commit", "relay.after_commit")
_CONSUMER = ("consumer.before_commit", "consumer.after_commit", "consumer.before_ack", "consumer.after_ack")
_REQUEST = ("request.before_commit", "request.after_commit")
_TASK = ("task.before_commit", "task.after_commit", "task.before_ack", "task.after_ack")
_BEAT = ("beat.before_send", "beat.after_send")
POINTS: dict[str, tuple[str, ...]] = {
    **{f"{service}-worker": ("task.before_ack", "task.after_ack") for service in CELERY_SERVICES},
    **{f"{service}-beat": _BEAT for service in CELERY_SERVICES},
    # Their one task comes every hour: no campaign lasts so long.
    **dict.fromkeys(("auth-worker", "auth-beat"), ()),
    "auth": (*_REQUEST, *_RELAY),
    "catalog": (*_REQUEST, *_CONSUMER, *_RELAY),
    "booking": (*_REQUEST, *_CONSUMER, *_RELAY),
    "geo": (*_CONSUMER, *_RELAY),
    "notifications": _CONSUMER,
    "operator": (
        *("operator.before_finalizer", "operator.after_finalizer", "operator.after_upsert"),
        *("operator.before_status", "operator.after_status", "operator.after_remove"),
    ),
    "booking-worker": _TASK,
    "notifications-worker": (*_TASK, "mail.before_sending", "mail.after_sending"),
    **dict.fromkeys(SERVERS, ()),
}
"""Where each victim can be killed, besides at random moments (see kill_points.py)."""


def pairs() -> list[tuple[str, str]]:
    """Every (victim, point) there is, random moments included."""
    return [(victim, point) for victim, points in POINTS.items() for point in (*points, AT_ONCE)]


class Installation:
    """The platform, its servers and its keeper. `ended` counts processes that ended without being killed by us."""

    def __init__(self) -> None:
        self.servers = SessionServers(durable=True)
        self.arms = Path(tempfile.mkdtemp(prefix="kills-", dir=self.servers.folder))
        self.platform = Platform(self.servers, PARTS, dist=None, env={}, wrap=self._armed)
        self.mails = MailSink(self.platform.ports["mailbox-smtp"])
        self.ended: Counter[str] = Counter()
        self._children = self.platform.children | {name: self.servers.children[name] for name in SERVERS}
        spared = self.platform.children.keys() - POINTS.keys() - set(_PLAIN)
        assert not spared, f"nobody kills {spared}: give them a line in POINTS"
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self.platform.start()
        self._keeper.start()

    def _armed(self, server: Server) -> Server:
        if server.name in _PLAIN:
            return server
        program, *rest = server.command
        words = ["celery", *rest] if program == venv_bin("celery") else rest[1:]
        command = (venv_bin("python"), "-m", "support.kills.armed", server.name, *words)
        environment = {**server.environment, "PYTHONPATH": str(REPO / "tests"), FOLDER: str(self.arms)}
        return dataclasses.replace(server, command=command, environment=environment)

    def child(self, name: str) -> Child:
        """A process by name, one of ours or a server under them."""
        return self._children[name]

    def _keep(self) -> None:
        """What a supervisor does: start again whatever has ended."""
        while not self._over.wait(0.05):
            for name, child in self._children.items():
                with self._lock:
                    if child.alive or self._over.is_set():
                        continue
                    if not self._fired(name).exists():
                        self.ended[name] += 1
                    self._fired(name).unlink(missing_ok=True)
                    child.launch()

    def _arm(self, victim: str) -> Path:
        return self.arms / f"{victim}.arm"

    def _fired(self, victim: str) -> Path:
        return self.arms / f"{victim}.fired"

    # Killing.

    def ready(self, name: str, seconds: float = 60) -> None:
        """Returns when the process is ready, whoever has just started it."""
        eventually(lambda: self.child(name).alive and self.child(name).server.ready(), f"{name} is ready", seconds)

    def kill(self, victim: str) -> None:
        """kill -9 now; the keeper starts it anew."""
        with self._lock:
            self._fired(victim).touch()
            self._children[victim].kill()

    def arm(self, victim: str, point: str) -> None:
        """Let the victim end as soon as it reaches the point."""
        scratch = self._arm(victim).with_suffix(".new")
        scratch.write_text(point)
        scratch.rename(self._arm(victim))

    def await_kill(self, victim: str, seconds: float = 60) -> None:
        """Returns when an armed victim has ended. Raises AssertionError when it does not reach its point."""
        try:
            eventually(lambda: not self._arm(victim).exists(), f"{victim} reaches {self._point(victim)}", seconds)
        finally:
            self._arm(victim).unlink(missing_ok=True)

    def _point(self, victim: str) -> str:
        with contextlib.suppress(OSError):
            return self._arm(victim).read_text()
        return "its point"

    def wait_all_ready(self) -> None:
        """Returns when every process is ready."""
        for name in self._children:
            self.ready(name)

    # Bugs.

    @contextlib.contextmanager
    def planted(self, bug: str, *victims: str) -> Iterator[None]:
        """While inside, these processes run with a planted bug."""
        file = self.arms / "bugs"
        file.write_text(bug)
        try:
            self._restart(*victims)
            yield
        finally:
            file.unlink()
            self._restart(*victims)

    def _restart(self, *victims: str) -> None:
        for victim in victims:
            self.kill(victim)
        for victim in victims:
            self.ready(victim)

    # What was counted.

    def duplicates(self) -> int:
        """Deliveries of events that their service had been given before."""
        seen: Counter[str] = Counter()
        for file in self.arms.glob("*.delivered"):
            seen.update(file.read_text().splitlines())
        return sum(count - 1 for count in seen.values())

    def close(self) -> None:
        """Ends everything."""
        self._over.set()
        self._keeper.join()
        self.platform.close()
        self.mails.close()
        self.servers.stop()


@contextlib.contextmanager
def installation() -> Iterator[Installation]:
    """A running installation on servers of its own."""
    running = Installation()
    try:
        yield running
    finally:
        running.close()
