"""`make images`: container images of our processes, by Docker where its engine answers, else by buildah.

Without an engine there is often no registry either, so buildah's base is made of Debian's packages, by mmdebstrap:
debootstrap's like, that takes the security suite in as well.
What this machine has of its own to reach packages (apt's sources, pip's configuration, authorities) is lent to the
build as secrets and leaves no trace in a layer.
"""

from __future__ import annotations

import configparser
import datetime as dt
import hashlib
import io
import os
import resource
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from . import builds
from .cache import cached, key_of
from .paths import DEPLOY, REPO, PlatformError, cache_root, tool
from .progress import run, say, step

# What .dockerignore lets in, and what it keeps out of that.
CONTEXT = (
    *("pyproject.toml", "README.md", "requirements", "services", "operator", "spiders", "frontend"),
    *("deploy/images", "deploy/mestolocal/nginx.conf.template"),
)
KEPT_OUT = ("frontend/node_modules", "frontend/dist", "**/__pycache__", "**/*.tsbuildinfo")
KINDS = ("service", "operator", "spiders", "gateway")
_SUITES = ("bookworm", "bookworm-updates", "bookworm-security")
_SLIM = ("exclude=/usr/share/doc/*", "include=/usr/share/doc/*/copyright", *(
    f"exclude=/usr/share/{folder}/*" for folder in ("man", "info", "locale", "lintian")
))  # fmt: skip


@dataclass(frozen=True)
class Image:
    """A built image: its whole name, the engine's id for it, its size in bytes (all layers, unpacked)."""

    name: str
    id: str
    size: int


def engine() -> str:
    """`docker` where its engine answers, else `podman` (with buildah). PlatformError when neither can work here."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "info"], capture_output=True, check=False, timeout=60).returncode == 0:
        return "docker"
    if os.geteuid() != 0:
        raise PlatformError(
            "Building images needs a Docker engine that answers, or root for buildah: sudo make images."
        )
    for name in ("buildah", "podman", "mmdebstrap"):
        tool(name)
    return "podman"


def image_name(kind: str, environment: Mapping[str, str] = os.environ) -> str:
    """`mesto/<kind>:<version>`; MESTO_IMAGE_PREFIX goes before it, MESTO_IMAGE_TAG replaces the version."""
    prefix = environment.get("MESTO_IMAGE_PREFIX", "").rstrip("/")
    tag = environment.get("MESTO_IMAGE_TAG") or version("mesto")
    return f"{prefix}/mesto/{kind}:{tag}" if prefix else f"mesto/{kind}:{tag}"


def _apt_sources() -> str:
    """This machine's sources of Debian 12, one line each; empty on another system."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    if shutil.which("apt-get") is None:
        return ""
    sources = {line for line in run(asked).splitlines() if line.split()[1:] in [[suite, "main"] for suite in _SUITES]}
    return "".join(f"deb {line}\n" for line in sorted(sources))


def _base() -> str:
    """Name of a slim Debian 12 in buildah's store; a new one each month, for what Debian has mended meanwhile."""
    sources = _apt_sources()
    if " bookworm main" not in sources:
        raise PlatformError(
            "Without a Docker engine images are built from Debian 12's packages, and apt has no source for them."
        )

    def build(target: Path) -> None:
        options = [f"--dpkgopt=path-{rule}" for rule in _SLIM]
        # Which mirror this machine uses is nobody's business; nor are its name and its resolvers.
        clean = 'cd "$1" && rm -rf etc/apt/sources.list etc/apt/sources.list.d/* etc/hostname etc/resolv.conf var/log/*'
        command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", *options, f"--customize-hook={clean}"]
        with step("making Debian's base image", "a minute"):
            (target / "sources").write_text(sources)
            run([*command, "bookworm", str(target / "base.tar"), str(target / "sources")])
            (target / "sources").unlink()

    key = key_of([], sources, *_SLIM, f"{dt.date.today():%Y-%m}")
    archive = cached("image-base", key, build, keep=1) / "base.tar"
    name = f"localhost/mesto/base:{key}"
    if subprocess.run(["buildah", "inspect", "--type", "image", name], capture_output=True, check=False).returncode:
        container = run(["buildah", "from", "scratch"]).strip()
        try:
            run(["buildah", "add", container, str(archive), "/"])
            run(["buildah", "config", "--cmd", "bash", container])
            run(["buildah", "commit", container, name])
        finally:
            run(["buildah", "rm", container])
    return name


def _pip_conf(certificates: bool) -> str:
    """pip's configuration of this machine, its authorities where the build sees them; local folders stay out."""
    said = run(
        [sys.executable, "-m", "pip", "config", "list"], env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    )
    found: dict[str, str] = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        if line.startswith(("global.", "install.", ":env:.")):
            found[name.rpartition(".")[2]] = value.strip("'\"")
    passed: dict[str, str] = {
        name: found[name] for name in ("index-url", "extra-index-url", "trusted-host", "proxy") if name in found
    }
    parser = configparser.RawConfigParser()
    parser["global"] = {"timeout": "180", **({"cert": "/run/authorities.crt"} if certificates else {}), **passed}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def _secrets(folder: Path, builder: str) -> list[str]:
    """Options that lend the build what this machine has of its own."""
    authorities = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or ""
    content = {"pip-conf": _pip_conf(bool(authorities))}
    if authorities:
        content["authorities"] = Path(authorities).read_text()
    if builder == "buildah":
        content["apt-sources"] = _apt_sources()
    options = []
    for name, text in content.items():
        file = folder / name
        file.write_text(text)
        file.chmod(0o644)
        options += ["--secret", f"id={name},src={file}"]
    return options


def context_key(root: Path = REPO, *words: str) -> str:
    """A hash of all that a build may read of a checkout: paths, contents, which may be executed; and of the words."""
    digest = hashlib.sha256("\0".join(words).encode())
    out = {root / name for name in KEPT_OUT if "*" not in name}
    for name in CONTEXT:
        found = [root / name] if (root / name).is_file() else []
        for folder, folders, files in os.walk(root / name):
            here = Path(folder)
            folders[:] = sorted(
                folder_name for folder_name in folders if folder_name != "__pycache__" and here / folder_name not in out
            )
            found += (here / folder_name for folder_name in folders if (here / folder_name).is_symlink())
            found += (here / file_name for file_name in sorted(files) if not file_name.endswith(".tsbuildinfo"))
        for file in found:
            content = os.readlink(file).encode() if file.is_symlink() else file.read_bytes()
            mode = "x" if file.lstat().st_mode & 0o100 else "-"
            digest.update(f"{file.relative_to(root)}\0{mode}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _built_before(record: Path, chosen: str, name: str) -> str | None:
    """The id of the image that was built from the same inputs, when the engine has it still; it has the name again."""
    if not record.exists():
        return None
    number = record.read_text()
    tagged = subprocess.run([chosen, "tag", number, name], capture_output=True, check=False)
    return number if tagged.returncode == 0 else None


def _build(kind: str, name: str, scratch: Path, builder: list[str], options: list[str]) -> str:
    """The id of the built image. MESTO_IMAGE_PREVIOUS is the gateway of the release before, for its hashed files."""
    words = ["--build-arg", f"VERSION={version('mesto')}", "--build-arg", f"REVISION={_revision()}"]
    if kind == "gateway":
        # The app is built already, by the same Node from the same lock; the Dockerfile alone can build it, too.
        words += ["--build-arg", "SPA=given", "--build-context", f"spa-files={builds.frontend()}"]
        # Said even when there is none: buildah asks a registry for a stage that only a default names.
        words += ["--build-arg", f"PREVIOUS={os.environ.get('MESTO_IMAGE_PREVIOUS') or 'previous-none'}"]
    ids = scratch / f"{kind}.id"
    file = DEPLOY / "images" / f"{kind}.Dockerfile"
    with step(f"building {name}", "a minute the first time"):
        run([*builder, *options, *words, "--iidfile", str(ids), "-t", name, "-f", str(file), str(REPO)], timeout=1800)
    return ids.read_text().strip().removeprefix("sha256:")


def _revision() -> str:
    return run(["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=REPO).strip()


def build(kinds: tuple[str, ...] = KINDS) -> dict[str, Image]:
    """Builds images and returns them by kind.

    What was built from the same inputs is not built again; of others, layers that nothing changed come from the
    engine's store.
    """
    chosen = engine()
    if chosen == "docker":
        builder = ["docker", "build"]
        arguments = []
    else:
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        builder = ["buildah", "bud", "--layers", "--isolation", "chroot", "--ulimit", f"nofile={limit}"]
        arguments = ["--build-arg", f"BASE={_base()}"]
    records = cache_root() / "images"
    records.mkdir(parents=True, exist_ok=True)
    images: dict[str, Image] = {}
    with FileLock(cache_root() / "images.lock"), tempfile.TemporaryDirectory(prefix="mesto-images-") as folder:
        scratch = Path(folder)
        secrets = _secrets(scratch, builder[0])
        inputs = (*builder, run([builder[0], "--version"]), *arguments, _revision(), version("mesto"))
        spa = str(builds.frontend()) if "gateway" in kinds else ""
        key = context_key(REPO, *inputs)
        for kind in kinds:
            name = image_name(kind)
            record = records / hashlib.sha256(f"{kind} {key} {spa if kind == 'gateway' else ''}".encode()).hexdigest()
            # Which image a name of the release before means now is not among the inputs.
            known = not os.environ.get("MESTO_IMAGE_PREVIOUS")
            number = _built_before(record, chosen, name) if known else None
            if number is None:
                number = _build(kind, name, scratch, builder, [*arguments, *secrets])
                if known:
                    record.write_text(number)
            size = run([chosen, "image", "inspect", "--format", "{{.Size}}", number])
            images[kind] = Image(name, number, int(size))
    return images


def report(images: dict[str, Image]) -> None:
    """One line per image."""
    for image in images.values():
        say(f"  {image.name}  {image.size / 1e6:.0f} MB unpacked  {image.id[:12]}")
