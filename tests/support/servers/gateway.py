"""The real gateway before stand-ins for the services."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mestolocal.gateway import Gateway
from mestolocal.ports import Ports
from mestolocal.server import Child


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "headers": dict(self.headers.items()), "pad": "x" * 2000}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return


@contextlib.contextmanager
def echoing(port: int) -> Iterator[None]:
    """A stand-in for a service that answers what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()


@contextlib.contextmanager
def started(dist: Path | None, ports: Ports, **options: Any) -> Iterator[Gateway]:
    """A gateway in a folder that nginx's user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="mesto-gateway-", dir="/var/tmp"))
    folder.chmod(0o755)
    made = Gateway(folder / "gateway", ports, dist, **options)
    made.prepare()
    child = Child(made.server(), folder).start()
    yield made
    child.stop()
    shutil.rmtree(folder)


def build(folder: Path, name: str) -> Path:
    """A built front end with one script of its own."""
    (folder / name / "assets").mkdir(parents=True)
    (folder / name / "index.html").write_text("<!doctype html><title>Mesto</title>")
    (folder / name / "assets" / f"app-{name}.js").write_text("1;" * 2000)
    return folder / name
