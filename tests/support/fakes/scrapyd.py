"""A stand-in of scrapyd that tests look into: its jobs have no processes, the test says what becomes of them."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mestolocal.server import Child
from support.servers.platform import Platform

_PASSWORD = "stand-in"


class StandIn(http.server.ThreadingHTTPServer):
    """`orders` are the crawls by run in the order in which they came, a list for each: one is right.

    While `away` it answers 503; while `silent` it takes a job and never says so.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pending: list[str] = []
        self.finished: list[str] = []
        self.orders: dict[str, list[dict[str, Any]]] = {}
        self.away = False
        self.silent: threading.Event | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the operator must be told."""
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return {"MESTO_SCRAPYD_URL": url, "MESTO_SCRAPYD_USERNAME": "mesto", "MESTO_SCRAPYD_PASSWORD": _PASSWORD}

    def rewire(self, platform: Platform) -> None:
        """Makes it the scrapyd of a platform that has not started."""
        server = platform.children["operator"].server
        server = replace(server, environment=server.environment | self.environment)
        platform.children["operator"] = Child(server, platform.logs)

    def runs_of(self, uid: str) -> list[str]:
        """The runs of a target, as often as they were ordered."""
        mine = [(run, orders) for run, orders in list(self.orders.items()) if orders[0]["target"] == uid]
        return [run for run, orders in mine for _ in orders]

    def end(self, run: str) -> None:
        """The job's process ends."""
        self.pending.remove(run)
        self.finished.append(run)

    def respond(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        match path:
            case "/listjobs.json":
                jobs = {"pending": self.pending, "running": [], "finished": self.finished}
                return {state: [{"id": run} for run in runs] for state, runs in jobs.items()}
            case "/schedule.json":
                run = form["jobid"]
                self.orders.setdefault(run, []).append(json.loads(form["crawl"]))
                self.pending.append(run)
                return {"jobid": run}
            case "/cancel.json":
                known = form["job"] in self.pending
                if known:
                    self.end(form["job"])
                return {"prevstate": "running" if known else None}
        raise AssertionError(path)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: StandIn

    def _any(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = {name: values[0] for name, values in parse_qs(body or parts.query).items()}
        allowed = "Basic " + base64.b64encode(f"mesto:{_PASSWORD}".encode()).decode()
        if self.server.away or self.headers.get("Authorization") != allowed:
            self.send_error(503 if self.server.away else 401)
            return
        answer = {"status": "ok"} | self.server.respond(parts.path, form)
        if parts.path == "/schedule.json" and self.server.silent is not None:
            self.server.silent.wait(60)
        raw = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _any

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """One that listens."""
    with StandIn() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()
