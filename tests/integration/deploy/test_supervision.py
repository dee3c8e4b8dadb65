"""Processes of `make up` come back when they crash; servers of a test die with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from mestolocal.paths import DEPLOY, REPO, PlatformError
from mestolocal.ports import free_ports
from mestolocal.server import Child, Server, base_environment, port_open, remove_tree
from mestolocal.supervise import Supervisor
from support.waiting import eventually


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mesto-sup-", dir="/var/tmp"))
    yield made
    remove_tree(made)


def web_server(name: str, port: int, folder: Path, **environment: str) -> Server:
    command = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    return Server(name, command, lambda: port_open(port), folder, {**base_environment(), **environment})


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    made = Supervisor(folder / "run", folder / "log")
    yield made
    made.stop([])


def pid_of(supervisor: Supervisor, name: str) -> int:
    return int(next(item["pid"] for item in supervisor.processes() if item["name"] == name))


def test_a_crashed_part_comes_back_and_the_others_stay(supervisor: Supervisor, folder: Path) -> None:
    ports = free_ports(("one", "two"))
    servers = [web_server(name, ports[name], folder) for name in ("one", "two")]
    supervisor.write(servers)
    supervisor.start_daemon()
    supervisor.start(servers)
    first, second = pid_of(supervisor, "one"), pid_of(supervisor, "two")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: pid_of(supervisor, "one") not in (0, first) and servers[0].ready(), "one to be back")
    assert pid_of(supervisor, "two") == second


def test_a_second_start_restarts_only_what_changed(supervisor: Supervisor, folder: Path) -> None:
    ports = free_ports(("one", "two", "three"))
    before = [web_server("one", ports["one"], folder), web_server("two", ports["two"], folder, SECRET='a"b%c\\d')]
    supervisor.write(before)
    supervisor.start_daemon()
    supervisor.start(before)
    kept, changed = pid_of(supervisor, "one"), pid_of(supervisor, "two")
    environment = psutil.Process(changed).environ()
    assert environment["SECRET"] == 'a"b%c\\d'
    after = [
        before[0],
        web_server("two", ports["two"], folder, SECRET="other"),
        web_server("three", ports["three"], folder),
    ]
    supervisor.write(after)
    supervisor.start_daemon()
    supervisor.start(after)
    assert pid_of(supervisor, "one") == kept
    assert pid_of(supervisor, "two") != changed
    running = {"one": "RUNNING", "two": "RUNNING", "three": "RUNNING"}
    eventually(lambda: supervisor.states() == running, "all three to be running")


def test_a_part_that_never_gets_ready_is_named_with_its_log(supervisor: Supervisor, folder: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no database here')")
    broken = Server("broken", command, lambda: False, folder, base_environment())
    supervisor.write([broken])
    supervisor.start_daemon()
    with pytest.raises(PlatformError, match=r"(?s)broken to be ready.*no database here"):
        supervisor.start([broken], seconds=5)


def test_a_child_that_ends_before_it_is_ready_is_named_with_its_log(folder: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no database here')")
    with pytest.raises(PlatformError, match=r"(?s)broken ended before it was ready.*no database here"):
        Child(Server("broken", command, lambda: False, folder, base_environment()), folder).start()


def test_servers_die_with_a_session_that_is_killed() -> None:
    script = (
        "from mestolocal.sessions import SessionServers; s = SessionServers(); s.postgres(); s.rabbitmq(); "
        "print(s.folder, *(c.pid for c in s.children.values()), flush=True); input()"
    )
    environment = {**os.environ, "PYTHONPATH": str(DEPLOY)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, cwd=REPO, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout is not None
        folder, *pids = session.stdout.readline().split()
        assert len(pids) == 3
        session.kill()

    def gone(pid: int) -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    eventually(lambda: all(gone(int(pid)) for pid in pids), "postgres, epmd and rabbitmq to be gone")
    from mestolocal.sessions import sweep

    sweep()
    assert not Path(folder).exists(), "the next session removes what the killed one left"
