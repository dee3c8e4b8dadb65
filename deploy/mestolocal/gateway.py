"""The nginx gateway: one address for the single-page app and the public APIs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from .paths import tool
from .ports import SERVICES, Ports
from .server import Server, base_environment, own_folder, port_open

_TEMPLATE = Path(__file__).with_name("nginx.conf.template")
_VARIABLE = re.compile(r"\$\{(MESTO_[A-Z_]+)\}")
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
        values = {
            "MESTO_BIND": "127.0.0.1",
            "MESTO_GATEWAY_PORT": str(self.ports["gateway"]),
            "MESTO_GATEWAY_INTERNAL_PORT": str(self.ports["gateway-internal"]),
            "MESTO_GATEWAY_FOLDER": str(self.folder),
            "MESTO_GATEWAY_WWW": str(www),
            "MESTO_GATEWAY_MIME_TYPES": "/etc/nginx/mime.types",
            "MESTO_GATEWAY_WORKERS": str(self.workers),
            "MESTO_GATEWAY_RESOLVER": "",
            "MESTO_GATEWAY_REAL_IP": "",
        }
        for service in SERVICES:
            values[f"MESTO_{service.upper()}_UPSTREAM"] = f"127.0.0.1:{self.ports[f'{service}-public']}"
        # As envsubst does in the container: nginx's own variables stay.
        return _VARIABLE.sub(lambda found: values[found[1]], _TEMPLATE.read_text())

    def server(self) -> Server:
        command = (tool("nginx"), "-p", str(self.folder), "-e", "stderr", "-c", str(self.config))
        ready = lambda: port_open(self.ports["gateway"])  # noqa: E731
        # The text is part of the environment's identity: a changed configuration restarts nginx on the next `make up`.
        environment = {**base_environment(), "MESTO_CONFIG": _fingerprint(self.config)}
        return Server("gateway", command, ready, self.folder, environment, self.user, stop_signal="QUIT")


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""
