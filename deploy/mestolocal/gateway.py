"""The nginx gateway: one address for the single-page app and the public APIs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from string import Template

from .paths import tool
from .ports import SERVICES, Ports
from .server import Server, base_environment, own_folder, port_open

_TEMPLATE = Path(__file__).with_name("nginx.conf.template")
_PLACEHOLDER = "<!doctype html><title>Mesto</title><p>This gateway serves the APIs only."


class Gateway:
    """nginx in `folder`. `dist` is the built front end; None serves a page that says there is none."""

    def __init__(self, folder: Path, ports: Ports, dist: Path | None, *, workers: int = 1) -> None:
        self.folder, self.ports, self.dist, self.workers = folder, ports, dist, workers
        self.user = "www-data" if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def config(self) -> Path:
        return self.folder / "nginx.conf"

    def prepare(self) -> None:
        """Writes the configuration and copies the front end to where nginx's user may read it."""
        own_folder(self.folder, self.user)
        own_folder(self.folder / "tmp", self.user)
        www = self._publish()
        self.config.write_text(self._text(www))

    def _publish(self) -> Path:
        if self.dist is None:
            www = self.folder / "www-none"
            www.mkdir(exist_ok=True)
            (www / "index.html").write_text(_PLACEHOLDER)
            return www
        www = self.folder / f"www-{self.dist.name}"
        if not www.exists():
            for old in self.folder.glob("www-*"):
                shutil.rmtree(old, ignore_errors=True)
            scratch = self.folder / "copying"
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(self.dist, scratch)
            for path in (scratch, *scratch.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            scratch.rename(www)
        return www

    def _text(self, www: Path) -> str:
        apis = "\n".join(
            _api(service, self.ports[f"{service}-public"]) for service in SERVICES if service != "notifications"
        )
        return Template(_TEMPLATE.read_text()).substitute(
            folder=self.folder,
            port=self.ports["gateway"],
            www=www,
            mime_types="/etc/nginx/mime.types",
            workers=self.workers,
            apis=apis,
            notifications=self.ports["notifications-public"],
            not_found=_problem(404, "not-found", "There is nothing at this address."),
            too_large=_problem(413, "too-large", "The request is larger than the 10 MB allowed."),
            unavailable=_problem(
                503, "temporarily-unavailable", "This part of Mesto is starting or away. Try again shortly."
            ),
        )

    def server(self) -> Server:
        command = (tool("nginx"), "-p", str(self.folder), "-e", "stderr", "-c", str(self.config))
        ready = lambda: port_open(self.ports["gateway"])  # noqa: E731
        # The text is part of the environment's identity: a changed configuration restarts nginx on the next `make up`.
        environment = {**base_environment(), "MESTO_CONFIG": _fingerprint(self.config)}
        return Server("gateway", command, ready, self.folder, environment, self.user, stop_signal="QUIT")


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""


def _problem(status: int, kind: str, title: str) -> str:
    body = {
        "type": f"https://mesto.dev/problems/{kind}",
        "title": title,
        "status": status,
        "detail": title,
        "errors": [],
    }
    return json.dumps(body)


def _api(service: str, port: int) -> str:
    return f"    location /api/{service}/ {{ proxy_pass http://127.0.0.1:{port}; }}"
