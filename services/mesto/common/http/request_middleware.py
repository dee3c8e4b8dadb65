"""What stands around every HTTP request: its id, its measures, and an answer when the code below has a bug."""

from __future__ import annotations

import functools
import re
import time
import uuid
from collections.abc import Mapping

import structlog
from mesto.common import errors
from mesto.common.observability.request_context import HEADER, request_id
from prometheus_client import Counter, Gauge, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)
ACCEPTED_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("mesto_http_requests_total", "HTTP requests", ["service", "method", "route", "status"])
DURATION = Histogram(
    "mesto_http_request_seconds",
    "Seconds to the last byte",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
IN_FLIGHT = Gauge("mesto_http_requests_in_flight", "HTTP requests not answered yet", ["service"])


def _private(method: str, sent: Mapping[bytes, bytes], status: int) -> bool:
    """Return whether an answer is for one person or one moment: nothing between us and the page may keep it."""
    return method not in ("GET", "HEAD") or status >= 400 or b"authorization" in sent or b"cookie" in sent


def _says(message: Message, header: bytes) -> bool:
    return any(name.lower() == header for name, _ in message["headers"])


class RequestMiddleware:
    """Takes over or makes the request id, answers it, and measures by route template (never by path).

    Answers to people, and errors, are not to be stored, unless their route says otherwise.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        # Looked up once each; methods, routes and statuses are few.
        self._requests = functools.cache(functools.partial(REQUESTS.labels, service))
        self._duration = functools.cache(functools.partial(DURATION.labels, service))
        self._in_flight = IN_FLIGHT.labels(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        given = sent.get(HEADER.encode(), b"").decode("latin-1")
        current = given if ACCEPTED_ID.match(given) else uuid.uuid4().hex
        scope["request_id"] = current
        token = request_id.set(current)
        self._in_flight.inc()
        started, status, answered = time.perf_counter(), 500, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = [*message["headers"], (HEADER.encode(), current.encode())]
                if _private(scope["method"], sent, status) and not _says(message, b"cache-control"):
                    message["headers"].append((b"cache-control", b"no-store"))
                if getattr(scope["app"].state, "stopping", False):
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if answered:
                raise
            await errors.unhandled(Request(scope), error)(scope, receive, send_with_headers)
        finally:
            route = errors.template(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"  # any word is a method to a client
            self._requests(method, route, str(status)).inc()
            seconds = time.perf_counter() - started
            self._duration(method, route).observe(seconds)
            if status >= 500 or method not in ("GET", "HEAD", "OPTIONS"):
                log.info("request", method=method, route=route, status=status, seconds=round(seconds, 4))
            self._in_flight.dec()
            request_id.reset(token)
