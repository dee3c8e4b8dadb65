"""`make test` and its parts: runs each runner to its end, then says one line, `N passed, N failed`.

A runner that does not start or writes no report counts as one failure, so nothing is green by silence.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from mestolocal import builds
from mestolocal.paths import REPO, PlatformError, tool
from support.notes import Notes

REPORTS = REPO / "reports"
PYTHON = REPO / ".venv" / "bin" / "python"
Step = Callable[[], int]
"""Runs a check; its exit code."""


@dataclass
class Tally:
    """What the runners said so far; `seconds` of each part, `failures` by name, `measured` what tests reported."""

    passed: int = 0
    skipped: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)


def add_junit(tally: Tally, file: Path, runner: str, code: int) -> None:
    """Adds a JUnit report. Without a report, or with a bad end and no failed test in it, the runner itself failed."""
    found_failure = False
    try:
        cases = list(ElementTree.parse(file).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        tally.failures.append(f"{runner}: no report, it ended with {code}")
        return
    for case in cases:
        name = f"{runner}: {case.get('classname', '')}::{case.get('name', '')}"
        # What tests report with record_property: figures for people, never bars that decide.
        tally.measured += [f"{found.get('name')}: {found.get('value')}" for found in case.iter("property")]
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failures.append(name)
            found_failure = True
        elif case.find("skipped") is not None:
            tally.skipped += 1
        else:
            tally.passed += 1
    if (code != 0 and not found_failure) or not cases:
        tally.failures.append(f"{runner}: ended with {code}" if cases else f"{runner}: ran no test")


def heading(text: str) -> None:
    print(f"\n── {text}", flush=True)


def pytest(tally: Tally, name: str, *arguments: str) -> None:
    heading(name)
    report = REPORTS / f"{name}.xml"
    command = [str(PYTHON), "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    code = subprocess.run(command, cwd=REPO, check=False).returncode
    add_junit(tally, report, name, code)


def tests_in_parallel(tally: Tally) -> None:
    """All of pytest's; of each operation a few examples, `make check-api` asks at length."""
    # Three processes on two cores: while one waits, for a server or for what is slow by intent, others compute.
    folders = ("unit", "integration", "properties", "e2e")
    pytest(tally, "python", *(f"tests/{folder}" for folder in folders), "-n", "3")


def frontend_tests(tally: Tally) -> None:
    heading("frontend")
    report = REPORTS / "frontend.xml"
    folder = builds.frontend_dependencies()
    code = node(folder, "vitest", "run", "--reporter=default", "--reporter=junit", f"--outputFile.junit={report}")
    add_junit(tally, report, "frontend", code)


def node(folder: Path, program: str, *arguments: str) -> int:
    """Exit code of a program of the front end's node_modules, run by our own Node."""
    environment, _ = builds.node_environment()
    command = [str(folder / "node_modules" / ".bin" / program), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def _shell_scripts() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "*.sh", ".ci/run"], cwd=REPO, capture_output=True, text=True, check=True
    )
    return listed.stdout.split()


def _secrets_of() -> str:
    """What gitleaks reads here; a shallow clone has only the end of the history, which CI's full clones have whole."""
    said = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=REPO, capture_output=True, text=True, check=True)
    shallow = (
        subprocess.run(
            ["git", "rev-parse", "--is-shallow-repository"], cwd=REPO, capture_output=True, text=True, check=True
        ).stdout.strip()
        == "true"
    )
    extent = "commits of a shallow clone: the history before them is not read" if shallow else "commits"
    return f"secrets (gitleaks), {said.stdout.strip()} {extent}"


def _python(*words: str) -> Step:
    return lambda: subprocess.run([str(PYTHON), "-m", *words], cwd=REPO, check=False).returncode


def _program(*words: str) -> Step:
    return lambda: subprocess.run(words, cwd=REPO, check=False).returncode


def _helm_lint(profile: str) -> Step:
    told = "secrets.generate=false,ingress.host=mesto.example.org,database.existingSecret=db,broker.existingSecret=mq"
    values = ("-f", f"helm/mesto/values-{profile}.yaml", "--set", told)
    return _program(str(builds.go_tool("helm")), "lint", "--strict", "--quiet", "helm/mesto", *values)


def _node_step(*words: str) -> Step:
    return lambda: node(builds.frontend_dependencies(), *words)


def remembering(notes: Notes, step: Step) -> Step:
    """A step whose tool begins with what it had reckoned in another checkout.

    It compares the contents of all sources with that. What it refuses it has to refuse without notes, too: mypy goes on
    missing a module that was away for a while.
    """

    def run() -> int:
        taken = notes.take()
        code = step()
        if code != 0 and taken:
            shutil.rmtree(notes.folder)
            code = step()
        if code == 0:
            notes.keep()
        return code

    return run


def mypy_notes(folder: Path) -> Notes:
    """Return what mypy keeps in its cache folder."""
    return Notes("mypy", folder, [REPO / "pyproject.toml", REPO / "requirements" / "dev.txt"])


def _vue_tsc() -> Step:
    folder = REPO / "frontend"
    # Packages' files have dates of their own, which tell the compiler nothing of a change.
    inputs = [folder / "package-lock.json", *folder.glob("tsconfig*.json")]
    notes = Notes("vue-tsc", folder / "node_modules" / ".tmp", inputs)
    step = _node_step("vue-tsc", "--build", "--noEmit")
    return remembering(notes, step)


def lint_steps() -> list[tuple[str, Step]]:
    """What `make lint` checks, in this order; a new check is a new line here."""
    rules = ("dashboards/alerts.yml", "dashboards/alerts_test.yml")
    gitleaks = str(builds.go_tool("gitleaks"))
    return [
        ("ruff check", _python("ruff", "check", "--quiet", ".")),
        ("ruff format", _python("ruff", "format", "--check", "--quiet", ".")),
        ("mypy", remembering(mypy_notes(REPO / ".mypy_cache"), _python("mypy", "--no-error-summary"))),
        ("import-linter", _program(str(PYTHON.parent / "lint-imports"), "--no-logo")),
        ("shape of the code", _program(str(PYTHON), "deploy/shape.py")),
        ("alert rules", _program(tool("promtool"), "check", "rules", rules[0])),
        ("alert tests", _program(tool("promtool"), "test", "rules", rules[1])),
        *((f"helm lint, {profile}", _helm_lint(profile)) for profile in ("trial", "production")),
        ("shellcheck", _program(tool("shellcheck"), *_shell_scripts())),
        ("migrations (squawk)", _program(str(PYTHON), "deploy/migrations.py")),
        (_secrets_of(), _program(gitleaks, "git", "--no-banner", "--redact", "--log-level", "warn", ".")),
        ("eslint", _node_step("eslint", ".", "--max-warnings", "0")),
        ("prettier", _node_step("prettier", "--check", "--log-level", "warn", ".")),
        ("vue-tsc", _vue_tsc()),
    ]


def lint(tally: Tally) -> None:
    """Every check is one passed or failed item."""
    heading("lint")
    for name, step in lint_steps():
        begun = time.monotonic()
        code = step()
        print(f"  {'✓' if code == 0 else '✗'} {name}, {time.monotonic() - begun:.1f} s", flush=True)
        if code == 0:
            tally.passed += 1
        else:
            tally.failures.append(f"lint: {name}")


def build(tally: Tally) -> None:
    heading("build")
    builds.kubernetes()
    builds.mailbox()
    builds.frontend()
    builds.go_tool("toxiproxy")
    print("  ✓ Kubernetes, mailbox, front end and toxiproxy are built", flush=True)


class Aside:
    """A part in a process of its own, beside others and in the time that these leave. Its output comes at the end.

    A process that writes a tally (`MESTO_TALLY` names the file) is counted by that, any other by its exit code.
    """

    def __init__(self, name: str, *command: str) -> None:
        self.name = name
        self._command = command
        self._log, self._tally = REPORTS / f"{name}.log", REPORTS / f"{name}.json"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, tally: Tally) -> None:
        """Starts it in a process group of its own, which ends with us."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["nice", str(PYTHON), "-P", "-m", *self._command],
                cwd=REPO,
                env={**os.environ, TALLY: str(self._tally)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        atexit.register(self._stop)

    def end(self, tally: Tally) -> None:
        """Waits for it. What it has tallied is added; without a tally it is one item, passed or failed."""
        heading(f"{self.name}, meanwhile")
        assert self._process is not None, "never begun"
        try:
            code = self._process.wait(timeout=1800)
        except subprocess.TimeoutExpired:
            code = self._stop()
        print(self._log.read_text(errors="replace").rstrip(), flush=True)
        if self._tally.exists():
            found = Tally(**json.loads(self._tally.read_text()))
            tally.passed += found.passed
            tally.failures += found.failures
            if code == 0 or found.failures:
                return
        if code == 0:
            tally.passed += 1
        else:
            tally.failures.append(f"{self.name}: ended with {code}")

    def _stop(self) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        return self._process.wait()


TALLY = "MESTO_TALLY"
# Most of a build of images is waiting for packages, and nobody waits for lint.
IMAGES = Aside("images", "mestolocal", "images")
LINT = Aside("lint", "support.run", "lint")
PARTS: dict[str, list[Callable[[Tally], None]]] = {
    "all": [build, IMAGES.begin, LINT.begin, frontend_tests, tests_in_parallel, LINT.end, IMAGES.end],
    "lint": [lint],
    "frontend": [frontend_tests],
    "python": [tests_in_parallel],
}


def _name(part: Callable[[Tally], None]) -> str:
    """`tests in parallel`; of what runs beside others, `lint: begin` and `lint: end`."""
    aside = getattr(part, "__self__", None)
    return f"{aside.name}: {part.__name__}" if aside is not None else part.__name__.replace("_", " ")


def main() -> int:
    # As Ctrl-C: whatever runs for us now ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kept = os.environ.pop(TALLY, None)  # we are a part of another run
    if kept is None:
        shutil.rmtree(REPORTS, ignore_errors=True)
        REPORTS.mkdir()
    os.chdir(REPO)
    begun, tally = time.monotonic(), Tally()
    for part in PARTS[sys.argv[1]]:
        started = time.monotonic()
        try:
            part(tally)
        except PlatformError as error:
            print(error, flush=True)
            tally.failures.append(f"{_name(part)}: {str(error).splitlines()[0]}")
        tally.seconds[_name(part)] = time.monotonic() - started
    if kept is not None:
        Path(kept).write_text(json.dumps(asdict(tally)))
        return 1 if tally.failures else 0
    print()
    for figure in tally.measured:
        print(f"measured {figure}")
    for failure in tally.failures:
        print(f"FAILED {failure}")
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    parts = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in tally.seconds.items())
    print(f"({(time.monotonic() - begun) / 60:.1f} minutes: {parts}{skipped})")
    print(f"{tally.passed} passed, {len(tally.failures)} failed")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
