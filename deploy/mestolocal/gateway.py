"""The nginx gateway: one address for the single-page app and the public APIs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .paths import PlatformError, tool
from .ports import SERVICES, Ports
from .server import Server, base_environment, own_folder, port_open

_TEMPLATE = Path(__file__).with_name("nginx.conf.template")
_VARIABLE = re.compile(r"\$\{(MESTO_[A-Z_]+)\}")
_REAL_IP = ("real_ip_header X-Forwarded-For;", "real_ip_recursive on;")
_PLACEHOLDER = "<!doctype html><title>Mesto</title><p>This gateway serves the APIs only."


@dataclass(frozen=True)
class Limits:
    """What one network may do in a minute (all of it at once, if it likes), and how many requests at the same time.

    `login` counts everything that is tried with a password, a code or a mail's token; an open socket is a request.
    """

    register: int = 10
    login: int = 60
    holds: int = 60
    requests: int = 3000
    connections: int = 256

    @classmethod
    def demo(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Those of `make up`, where everybody comes from loopback; MESTO_LIMIT_<NAME> widens or narrows one.

        Raises PlatformError for what is no number, or one that nginx cannot count to.
        """
        wide = cls(register=120, login=1200, holds=600, requests=60_000, connections=2000)
        return cls(**{name: _limit(environment, name, usual) for name, usual in asdict(wide).items()})

    @classmethod
    def wide(cls) -> Limits:
        """Those of tests and benchmarks, which are a crowd at one address."""
        return cls(**_MOST)


_MOST = {"register": 10**6, "login": 10**6, "holds": 10**6, "requests": 10**6, "connections": 65_535}


def _limit(environment: Mapping[str, str], name: str, usual: int) -> int:
    variable = f"MESTO_LIMIT_{name.upper()}"
    text = environment.get(variable) or str(usual)
    if not text.isdecimal() or not 1 <= int(text) <= _MOST[name]:
        raise PlatformError(f"{variable} is {text!r}: give a number from 1 to {_MOST[name]}.")
    return int(text)


class Gateway:
    """nginx in `folder`. `dist` is the built front end; None serves a page that says there is none.

    `trusted` are networks of proxies before it, whose X-Forwarded-For is believed. `tls` says that one of them speaks
    TLS with browsers.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        dist: Path | None,
        *,
        workers: int = 1,
        limits: Limits | None = None,
        trusted: Sequence[str] = (),
        tls: bool = False,
    ) -> None:
        self.folder, self.ports, self.dist, self.workers = folder, ports, dist, workers
        self.limits, self.trusted, self.tls = limits or Limits.demo({}), trusted, tls
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
            for old in self._published()[1:]:
                shutil.rmtree(old, ignore_errors=True)
            scratch = self.folder / "copying"
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(self.dist, scratch)
            for path in (scratch, *scratch.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            scratch.rename(www)
        os.utime(www)
        return www

    def _published(self) -> list[Path]:
        """The builds that were served, the latest first."""
        return sorted(self.folder.glob("www-*"), key=lambda www: www.stat().st_mtime, reverse=True)

    def _text(self, www: Path) -> str:
        before = [old for old in self._published() if old != www]
        real_ip = [f"set_real_ip_from {network};" for network in self.trusted]
        values = {
            "MESTO_BIND": "127.0.0.1",
            "MESTO_GATEWAY_PORT": str(self.ports["gateway"]),
            "MESTO_GATEWAY_INTERNAL_PORT": str(self.ports["gateway-internal"]),
            "MESTO_GATEWAY_FOLDER": str(self.folder),
            "MESTO_GATEWAY_WWW": str(www),
            # Pages that were opened before this build ask for the files of theirs.
            "MESTO_GATEWAY_PREVIOUS": str(before[0] if before else self.folder / "www-before"),
            "MESTO_GATEWAY_MIME_TYPES": "/etc/nginx/mime.types",
            "MESTO_GATEWAY_WORKERS": str(self.workers),
            "MESTO_GATEWAY_RESOLVER": "",
            "MESTO_GATEWAY_REAL_IP": " ".join([*real_ip, *(_REAL_IP if real_ip else ())]),
            "MESTO_GATEWAY_SCHEME": "https" if self.tls else "http",
            "MESTO_GATEWAY_HSTS": "max-age=31536000" if self.tls else "",
        }
        values |= {f"MESTO_LIMIT_{name.upper()}": str(value) for name, value in asdict(self.limits).items()}
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
