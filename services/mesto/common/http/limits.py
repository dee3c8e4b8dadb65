"""How much of a request is read: its head at the socket, its body before it is parsed."""

from __future__ import annotations

import uuid

import orjson
from mesto.common import errors
from mesto.common.observability.request_context import HEADER
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 64 * 1024
"""Request line and headers together. The parser itself has no limit."""
BODY_BYTES = 64 * 1024
"""A body of a public API; an application that takes more says so."""


class BodyLimit:
    """Refuses bodies above ``most`` bytes with 413: at once when declared, else as soon as they are."""

    def __init__(self, app: ASGIApp, most: int = BODY_BYTES) -> None:
        self.app, self.most = app, most

    @property
    def _words(self) -> str:
        mebibytes, rest = divmod(self.most, 1024 * 1024)
        size = f"{self.most // 1024} KiB" if rest else f"{mebibytes} MiB"
        return f"The body is larger than the {size} allowed. Send less at a time."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared[:20]) > self.most:
            refusal = errors.Problem(413, "too-large", self._words)
            await errors.respond(Request(scope), refusal)(scope, receive, send)
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most:
                raise HTTPException(413, self._words)  # the only kind that FastAPI lets through while it reads a body
            return message

        await self.app(scope, bounded, send)


class Http(HttpToolsProtocol):
    """uvicorn's HTTP with a bound on the head of a request; what is no HTTP is refused by a problem too."""

    _unfinished: int | None = None  # bytes read of a head that has not ended
    _too_large = False

    def on_message_begin(self) -> None:
        self._unfinished = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unfinished = None
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_BYTES:
            self._too_large = True
            raise ValueError  # the parser stops and calls send_400_response
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._unfinished is not None and not self.transport.is_closing():
            self._unfinished += len(data)
            if self._unfinished > HEAD_BYTES:
                self._too_large = True
                self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        problem = errors.Problem(400, "bad-request", "This is not an HTTP request.")
        if self._too_large:
            problem = errors.Problem(431, "head-too-large", "The address and the headers are larger than 64 KiB.")
        current = uuid.uuid4().hex
        body = orjson.dumps(errors.body(problem, "", current))
        head = {
            "content-type": errors.MEDIA_TYPE,
            "content-length": str(len(body)),
            HEADER: current,
            "connection": "close",
        }
        lines = [f"{name}: {value}\r\n".encode() for name, value in head.items()]
        self.transport.write(b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", body]))
        self.transport.close()
