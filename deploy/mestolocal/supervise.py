"""`make up`'s servers under supervisord: started in order, restarted when they crash, asked over a private socket."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Sequence
from configparser import RawConfigParser
from io import StringIO
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from .paths import PlatformError, venv_bin
from .server import Server, wait_until

_RUNNING = ("RUNNING", "STARTING", "BACKOFF")


class Supervisor:
    """The supervisord of one installation; its configuration and socket are in `folder`, logs in `logs`."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder, self.logs = folder, logs
        self.socket = folder / "supervisor.sock"
        self.config = folder / "supervisord.conf"
        if len(str(self.socket)) > 90:
            raise PlatformError(f"The path of this checkout is too long for a Unix socket ({self.socket}): move it.")

    def _rpc(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def running(self) -> bool:
        try:
            self._rpc().getState()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def write(self, servers: Sequence[Server]) -> None:
        """Writes the configuration of exactly these servers."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        self.logs.mkdir(parents=True, exist_ok=True)
        parser = RawConfigParser()
        parser.read_dict(
            {
                "unix_http_server": {"file": str(self.socket), "chmod": "0600"},
                "supervisord": {
                    "logfile": str(self.logs / "supervisord.log"),
                    "pidfile": str(self.folder / "supervisord.pid"),
                    "childlogdir": str(self.logs),
                    "umask": "022",
                },
                "rpcinterface:supervisor": {
                    "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
                },
                **{f"program:{server.name}": self._program(server) for server in servers},
            }
        )
        text = StringIO()
        parser.write(text)
        descriptor = os.open(self.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text.getvalue())

    def _program(self, server: Server) -> dict[str, str]:
        environment = ",".join(f"{name}={_value(value)}" for name, value in sorted(server.environment.items()))
        return {
            "command": " ".join(_quote(word) for word in server.argv()),
            "directory": str(server.cwd),
            "environment": environment,
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "1000",
            "stopsignal": server.stop_signal,
            "stopwaitsecs": str(int(server.stop_seconds)),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(self.logs / f"{server.name}.log"),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "2",
        }

    def start_daemon(self) -> None:
        """Starts supervisord when it is not running, else makes it take up the new configuration."""
        if self.running():
            self._reload_configuration()
            return
        command = [venv_bin("supervisord"), "-c", str(self.config)]
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        if os.geteuid() == 0:
            environment["PYTHONWARNINGS"] = "ignore"
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", check=False)
        if done.returncode != 0:
            raise PlatformError(f"supervisord did not start:\n{done.stdout}{done.stderr}")
        wait_until(self.running, "supervisord to answer", 20)

    def _reload_configuration(self) -> None:
        rpc = self._rpc()
        ((added, changed, removed),) = rpc.reloadConfig()
        gone = [*changed, *removed]
        for name in gone:
            with contextlib.suppress(xmlrpc.client.Fault):
                rpc.stopProcess(name, False)
        wait_until(lambda: not self._any_alive(gone), f"{', '.join(gone)} to end", 60)
        for name in gone:
            rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            rpc.addProcessGroup(name)

    def launch(self, servers: Sequence[Server]) -> None:
        """Starts those of these servers that are not running, without waiting."""
        states = self.states()
        for server in servers:
            if states.get(server.name) not in _RUNNING:
                with contextlib.suppress(xmlrpc.client.Fault):
                    self._rpc().startProcess(server.name, False)

    def start(self, servers: Sequence[Server], seconds: float = 60) -> None:
        """Starts these servers side by side and waits until every one is ready.

        Raises PlatformError with the end of the log of one that is not ready in time.
        """
        self.launch(servers)
        deadline = time.monotonic() + seconds
        for server in servers:
            self._wait(server, max(deadline - time.monotonic(), 5))

    def _wait(self, server: Server, seconds: float) -> None:
        def ready() -> bool:
            return server.ready() and self.states().get(server.name) in ("RUNNING", "STARTING")

        try:
            wait_until(ready, f"{server.name} to be ready", seconds)
        except PlatformError as error:
            raise PlatformError(
                f"{error}\nThe end of its log ({self.log(server.name)}):\n{self.tail(server.name)}"
            ) from None

    def states(self) -> dict[str, str]:
        """State of each process by name, as supervisord calls it."""
        return {item["name"]: item["statename"] for item in self.processes()}

    def processes(self) -> list[dict[str, Any]]:
        known: list[dict[str, Any]] = self._rpc().getAllProcessInfo()
        return known

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def tail(self, name: str, lines: int = 30) -> str:
        if not self.log(name).exists():
            return "(empty)"
        return "\n".join(self.log(name).read_text("utf-8", "replace").splitlines()[-lines:])

    def stop(self, order: Sequence[str]) -> None:
        """Stops the servers, last started first, then supervisord itself; returns when all are gone."""
        if not self.running():
            return
        rpc = self._rpc()
        states = self.states()
        for wave in _stop_waves(order, states):
            for name in wave:
                with contextlib.suppress(xmlrpc.client.Fault):
                    rpc.stopProcess(name, False)
            wait_until(lambda wave=wave: not self._any_alive(wave), f"{', '.join(wave)} to end", 60)  # type: ignore[misc]
        rpc.shutdown()
        wait_until(lambda: not self.running() and not self.socket.exists(), "supervisord to end", 60)

    def _any_alive(self, names: Sequence[str]) -> bool:
        states = self.states()
        return any(states.get(name) in (*_RUNNING, "STOPPING") for name in names)


_SERVERS_LAST = ("kube-controller-manager", "kube-apiserver", "etcd", "rabbitmq", "epmd", "postgres")


def _stop_waves(order: Sequence[str], states: dict[str, str]) -> list[list[str]]:
    ours = [name for name in reversed(order) if name in states and name not in _SERVERS_LAST]
    ours += [name for name in states if name not in order and name not in _SERVERS_LAST]
    backing = [["kube-controller-manager", "kube-apiserver", "rabbitmq", "postgres"], ["etcd", "epmd"]]
    return [ours, *([name for name in wave if name in states] for wave in backing)]


def _value(text: str) -> str:
    """A value of supervisord's `environment`, which knows quotes of both kinds but no escapes; `%` starts an expansion.

    Raises PlatformError for a value with both kinds of quotes.
    """
    if '"' in text and "'" in text:
        raise PlatformError("A setting with both kinds of quotes in it cannot be passed on: leave out one kind.")
    quote = "'" if '"' in text else '"'
    return quote + text.replace("%", "%%") + quote


def _quote(word: str) -> str:
    """One word of a supervisord command line, which is split as a shell would; `%` starts an expansion."""
    return shlex.quote(word).replace("%", "%%")
