"""A rival's site for the spider: pages by path on a port of loopback, and what was asked of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What a path answers. ``repeat`` sends the body so often; ``hangs``: only when the site is closed."""

    body: str | bytes = ""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1
    hangs: bool = False


class Site:
    """Answers ``pages`` by path with its query, 404 otherwise. ``asked`` lists the paths in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.hold = threading.Event()
        self._closed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def page(self, path: str, body: str | bytes = "", **changes: object) -> str:
        """Put a page there; its address."""
        self.pages[path] = Answer(body, **changes)  # type: ignore[arg-type]
        return self.url + path

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.agents.add(self.headers.get("User-Agent", ""))
                answer = site.pages.get(self.path, Answer("not here", 404))
                if answer.hangs:
                    while not site._closed.wait(0.1) and not site.hold.is_set():
                        pass
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                try:
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.type)
                    self.send_header("Content-Length", str(len(body) * answer.repeat))
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    for _ in range(answer.repeat):
                        self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # who asked has gone

            def log_message(self, *_: object) -> None:
                """What was asked is in ``asked``."""

        return Handler
