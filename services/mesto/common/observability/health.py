"""/healthz, /readyz and /metrics for processes that serve no HTTP of their own: Celery workers and beat."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

log = structlog.get_logger(__name__)
READY = Gauge("mesto_ready", "1 when what this process needs answers, by check", ["check"])
SyncCheck = Callable[[], None]


def note(outcome: Mapping[str, str]) -> None:
    """Keep what the checks said for /metrics, so that an alert can tell which dependency is missing."""
    for name, value in outcome.items():
        READY.labels(name).set(value == "ok")


def run_checks(checks: Mapping[str, SyncCheck]) -> dict[str, str]:
    """``ok`` or the error of each check, which raises when it fails."""
    outcome: dict[str, str] = {}
    for name, check in checks.items():
        try:
            check()
            outcome[name] = "ok"
        except Exception as error:
            outcome[name] = repr(error)
    note(outcome)
    return outcome


class ProbeServer:
    """Answers in threads of its own until the process ends. ``checks`` must bound their own time (3 s at most)."""

    def __init__(self, bind: str, port: int, checks: Mapping[str, SyncCheck]) -> None:
        self.checks = checks
        self._server = ThreadingHTTPServer((bind, port), self._handler())
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens; a free port when 0 was asked for."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen. Probes never keep the process from ending."""
        threading.Thread(target=self._server.serve_forever, name="probes", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a path."""
        if path == "/healthz":
            return 200, "application/json", b'{"status": "ok"}'
        if path == "/readyz":
            outcome = run_checks(self.checks)
            ready = all(value == "ok" for value in outcome.values())
            return (
                200 if ready else 503,
                "application/json",
                json.dumps({"ready": ready, "checks": outcome}).encode(),
            )
        if path == "/metrics":
            run_checks(self.checks)
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        return 404, "application/json", b'{"status": "not found"}'

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                status, content_type, body = answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Probes are not worth a line each."""

        return Handler
