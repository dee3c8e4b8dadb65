"""Containers of our images for tests: locked up as in a cluster, but on the host's network."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mestolocal import images
from mestolocal.server import Server, base_environment
from support.waiting import eventually

# A machine may forbid to raise limits, which engines do by default.
_LIMITS = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096")
_LOCKED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--security-opt", "no-new-privileges")


def _engine() -> list[str]:
    chosen = images.engine()
    # Debian 12's crun refuses machines that mount both kinds of control groups.
    return ["podman", "--runtime", "runc"] if chosen == "podman" else [chosen]


def engine(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """What Docker or podman said and its exit code."""
    return subprocess.run([*_engine(), *words], capture_output=True, text=True, check=False, timeout=timeout)


def said(*words: str) -> str:
    """Standard output of the engine, which must succeed."""
    done = engine(*words)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


@dataclass
class Container:
    """One running container of an image. `volumes` maps a folder or file here to its place inside, read-only."""

    image: str
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = f"mesto-test-{uuid.uuid4().hex[:12]}"
        words = ["--name", self.name, "--network", "host", *_LIMITS, *_LOCKED]
        for name, value in self.environment.items():
            words += ["--env", f"{name}={value}"]
        for here, inside in self.volumes.items():
            words += ["--volume", f"{here}:{inside}:ro"]
        self._words = [*words, self.image, *self.command]

    def __enter__(self) -> Container:
        said("run", "--detach", *self._words)
        return self

    def __exit__(self, *_: object) -> None:
        engine("rm", "--force", "--volumes", self.name)

    def log(self) -> str:
        """All it said."""
        done = engine("logs", self.name)
        return done.stdout + done.stderr

    def running(self) -> bool:
        return said("inspect", "--format", "{{.State.Running}}", self.name).strip() == "true"

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        return int(said("wait", self.name).strip())

    def stop(self, seconds: int = 30) -> int:
        """Asks it to end with the image's signal, kills it after `seconds` (137 then); its exit code."""
        said("stop", "--time", str(seconds), self.name)
        return int(said("inspect", "--format", "{{.State.ExitCode}}", self.name).strip())


def readable_copy(folder: Path, target: Path) -> Path:
    """A copy of throwaway secrets that the container's user may read."""
    shutil.copytree(folder, target, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def inside(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is not of this machine but of Mesto in an environment of mestolocal.services."""
    ours = set(base_environment()) | {"HOME", "PATH", "PYTHONUNBUFFERED"}
    yield from ((name, value) for name, value in environment.items() if name not in ours)


def container_of(
    server: Server, image: str, folder: Path, platform_config: Path, volumes: Mapping[Path, str]
) -> Container:
    """A process of mestolocal.services from its image; copies of its keys that its user may read go to `folder`."""
    environment = dict(inside(server.environment)) | {"MESTO_PLATFORM_CONFIG": "/etc/mesto/platform.yaml"}
    mounted: dict[Path, str] = {**volumes, platform_config: "/etc/mesto/platform.yaml"}
    for name in ("MESTO_INTERNAL_KEY_DIR", "MESTO_INTERNAL_PUBLIC_DIR", "MESTO_AUTH_KEY_DIR"):
        if name in environment:
            place = f"/etc/mesto/{name.lower()}"
            mounted[readable_copy(Path(environment[name]), folder / f"{server.name}-{name}")] = place
            environment[name] = place
    return Container(image, in_container(server.command), environment, mounted)


def await_ready(container: Container, server: Server) -> None:
    """Until /readyz of the process says so; an end before its time is told at once, with what it said."""

    def ready() -> bool:
        if not container.running():
            raise RuntimeError(f"{server.name} ended:\n{container.log()}")
        return server.ready()

    try:
        eventually(ready, f"/readyz of {server.name}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{container.log()[-3000:]}") from None


def in_container(words: Sequence[str]) -> list[str]:
    """A command of mestolocal.services without this machine's paths."""
    return [os.path.basename(words[0]), *words[1:]]
