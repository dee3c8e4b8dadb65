"""A server as data (what runs, as whom, when it is ready), and the same started as a child of this process."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from .paths import PlatformError, tool

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """One process of the platform.

    `environment` is whole: nothing else is inherited. `user` is who it runs as when we are root, None is ourselves.
    `requires` names what must be ready before it is started.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: float = 10.0

    def argv(self) -> list[str]:
        """The command line that drops root's rights and dies with its parent, a test or the supervisor."""
        words = [tool("setpriv"), "--pdeathsig", "KILL"]
        if self.user is not None and os.geteuid() == 0:
            words += ["--reuid", self.user, "--regid", self.user, "--init-groups"]
        return [*words, "--", *self.command]


def base_environment() -> dict[str, str]:
    """What any process needs; the rest of our own environment stays out, so every run is alike."""
    path = os.pathsep.join(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    return {"PATH": path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def own_folder(path: Path, user: str | None) -> Path:
    """A private folder for the data of a server that runs as `user`."""
    path.mkdir(parents=True, exist_ok=True, mode=0o755)
    path.chmod(0o700)
    if user is not None and os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


def give(path: Path, user: str | None, mode: int = 0o600) -> Path:
    """Hands a file to `user` alone."""
    path.chmod(mode)
    if user is not None and os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


def wait_until(condition: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
    """Returns when `condition` holds. Raises PlatformError naming `what` after `seconds`."""
    deadline, pause = time.monotonic() + seconds, 0.05
    while not condition():
        if time.monotonic() > deadline:
            raise PlatformError(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def port_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


# Probes speak plain HTTP on loopback: an empty TLS context spares each the reading of all authorities (30 ms of CPU).
PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Process(Protocol):
    """What Child needs of the process that it has started; subprocess.Popen is one."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


def spawn(server: Server, log: Path) -> Process:
    """Starts a server in a session of its own; its output is added to `log`."""
    with log.open("ab") as file:
        return subprocess.Popen(
            server.argv(),
            cwd=server.cwd,
            env=dict(server.environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


# The kernel sends the parent-death signal when the *thread* that started the child ends, so one thread that lives as
# long as we do starts them all: a fixture may call from any thread.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class Child:
    """A running Server whose life ends with ours. Its output goes to `<logs>/<name>.log`.

    `spawn` is how all of them start; tests have a quicker way for Python.
    """

    spawn: ClassVar[Callable[[Server, Path], Process]] = staticmethod(spawn)

    def __init__(self, server: Server, logs: Path) -> None:
        self.server = server
        self.log = logs / f"{server.name}.log"
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.server.name} was never started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = READY_SECONDS) -> Child:
        """Starts it and returns when it is ready. Raises PlatformError with the end of its log otherwise."""
        self.launch()
        self.wait_ready(seconds)
        return self

    def launch(self) -> None:
        """Starts it without waiting."""
        if not self.alive:
            self._process = _spawner.submit(type(self).spawn, self.server, self.log).result()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        def ready_or_dead() -> bool:
            if not self.alive:
                raise PlatformError(f"{self.server.name} ended before it was ready:\n{self.tail()}")
            return self.server.ready()

        try:
            wait_until(ready_or_dead, f"{self.server.name} to be ready", seconds)
        except PlatformError as error:
            if "in vain" in str(error):
                raise PlatformError(f"{error}\n{self.tail()}") from None
            raise

    def tail(self, lines: int = 40) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def kill(self) -> None:
        """kill -9 of it and all it started, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Asks it to end, waits, then kills."""
        if self.alive and self._process is not None:
            self._process.send_signal(getattr(signal, f"SIG{self.server.stop_signal}"))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.server.stop_seconds)
        self.kill()

    def wait(self, seconds: float) -> int:
        """Its exit code once it has ended. Raises TimeoutExpired."""
        assert self._process is not None, f"{self.server.name} was never started"
        return self._process.wait(seconds)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def remove_tree(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
