"""Python processes for tests, forked from one that has their libraries already: a start takes 0.4 s of CPU, not 2.

multiprocessing's fork server is that one; it is started with the first process and ends with us. What is forked has
the environment, the working directory, the arguments and the log that it was given, as after an exec, and dies with
us. What only an exec shows (`ps`, /proc/<pid>/environ) is of the fork server.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing import connection, forkserver
from multiprocessing import process as bookkeeping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from mestolocal import server as local
from mestolocal.paths import REPO, venv_bin

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_WARM = ["support.warm", "support.forked"]
_OURS = [str(REPO / "tests"), str(REPO / "deploy")]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_WARM)
_beginning = threading.Lock()


def _launch(process: BaseProcess) -> None:
    """Starts the fork server when there is none yet, and a process."""
    with _beginning:
        before, main = os.environ.get("PYTHONPATH"), sys.modules["__main__"]
        # Python 3.11 tells the server nothing of our sys.path, the environment does.
        os.environ["PYTHONPATH"] = os.pathsep.join(_OURS)
        # Each process would import our main module, too.
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            forkserver.ensure_running()
            process.start()
        finally:
            sys.modules["__main__"] = main
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before


class Forked:
    """What of subprocess.Popen its callers use."""

    def __init__(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path):
        begun, tell = _context.Pipe(duplex=False)
        given = (tell, module, list(arguments), dict(environment), str(cwd), str(log))
        self._process = _context.Process(target=_run, args=given, name=module)
        _launch(self._process)
        tell.close()
        # Who uses it ends it, or it dies with us: multiprocessing would wait for it at our exit.
        bookkeeping._children.discard(self._process)  # type: ignore[attr-defined]
        assert self._process.pid is not None
        self.pid = self._process.pid
        self._mutex = threading.Lock()
        with begun, contextlib.suppress(EOFError):
            begun.recv()  # from here on it has its own session, by which it can be killed

    @property
    def returncode(self) -> int | None:
        """As of Popen: minus the signal's number when a signal has ended it."""
        with self._mutex:
            return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.returncode) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
            connection.wait([self._process.sentinel], 0.5)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Started = Forked | subprocess.Popen[bytes]


def start(command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, log: Path) -> Started:
    """Starts `python -m module …` or `celery …` by a fork, anything else by an exec. Output is added to `log`."""
    program, *rest = command
    if program in (sys.executable, venv_bin("python")) and rest[:1] == ["-m"]:
        return Forked(rest[1], rest[2:], environment, cwd, log)
    if program == venv_bin("celery"):
        return Forked("celery", rest, environment, cwd, log)
    return start_by_exec(command, environment=environment, cwd=cwd, log=log)


def start_by_exec(
    command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Starts anything as a process that has nothing of ours in its memory. Output is added to `log`."""
    with log.open("ab") as file:
        return subprocess.Popen(
            command, env=dict(environment), cwd=cwd, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )


def spawn(server: local.Server, log: Path) -> local.Process:
    """What mestolocal's Child starts its server by, in tests."""
    if server.user is None and server.command[0] in (venv_bin("python"), venv_bin("celery")):
        return start(server.command, environment=server.environment, cwd=server.cwd, log=log)
    return local.spawn(server, log)


def _run(tell: Connection, module: str, arguments: list[str], environment: dict[str, str], cwd: str, log: str) -> None:
    """Inside the new process: becomes what an exec would have made, then runs the module."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", write_through=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(cwd)
    given = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [cwd, *given, *(path for path in sys.path if path not in ("", cwd, *given, *_OURS))]
    sys.argv = [module, *arguments]
    assert "support.warm" in sys.modules, "the fork server has no libraries"
    tell.close()
    os._exit(_code_of(module))


def _code_of(module: str) -> int:
    """Runs it to its end; exit code, after all that an interpreter does before it ends."""
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is not None and not isinstance(ended.code, int):
            print(ended.code, file=sys.stderr)
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code & 0xFF
