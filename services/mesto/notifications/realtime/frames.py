"""What a page may say over its socket. Anything else never reaches the library, which would log it as a bug of ours."""

from __future__ import annotations

from typing import Any

import engineio.packet
import engineio.payload
import socketio.packet
import structlog
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)
REFUSED = Counter("mesto_socket_frames_refused_total", "Frames of sockets that are no packet", ["transport"])
PROTOCOL_ERROR = 1002
_DISCONNECT = {"type": "websocket.disconnect", "code": PROTOCOL_ERROR}
_FROM_PAGES = {
    engineio.packet.CLOSE,
    engineio.packet.PING,
    engineio.packet.PONG,
    engineio.packet.UPGRADE,
}


def is_packet(frame: str | bytes) -> bool:
    """Return whether this is a packet that a page may send. Pages sign on, sign off and answer pings.

    They send no events: the library would run those that are named as its own handlers ("disconnect").
    """
    if not isinstance(frame, str):
        return False
    try:
        packet = engineio.packet.Packet(encoded_packet=frame)
    except (ValueError, TypeError, RecursionError):
        return False
    if packet.packet_type == engineio.packet.MESSAGE:
        return _is_message(packet.data)
    return packet.packet_type in _FROM_PAGES


def _is_message(data: Any) -> bool:
    # The libraries' parsers raise whatever comes of a wrong guess about what they were given.
    try:
        packet = socketio.packet.Packet(encoded_packet=data)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False
    if packet.namespace not in (None, "/"):
        return False
    if packet.packet_type == socketio.packet.CONNECT:
        return packet.data is None or isinstance(packet.data, dict)
    return bool(packet.packet_type == socketio.packet.DISCONNECT)


def is_payload(body: bytes) -> bool:
    """Return whether the body of a long-polling POST is a few packets."""
    try:
        parts = body.decode("utf-8").split("\x1e")
    except UnicodeDecodeError:
        return False
    return len(parts) <= engineio.payload.Payload.max_decode_packets and all(is_packet(part) for part in parts)


class FrameGuard:
    """Stands before the sockets under ``prefix``: a frame that is no packet ends the connection."""

    def __init__(self, app: ASGIApp, prefix: str, max_bytes: int) -> None:
        self.app, self.prefix, self.max_bytes = app, prefix, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, self._frames(receive, send), send)
        elif scope["method"] == "POST":
            await self._post(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _frames(self, receive: Receive, send: Send) -> Receive:
        refused = False

        async def next_frame() -> Message:
            nonlocal refused
            message: Message = _DISCONNECT if refused else await receive()
            if message["type"] != "websocket.receive" or is_packet(message.get("text") or b""):
                return message
            refused = True
            REFUSED.labels("websocket").inc()
            log.info("socket_frame_refused", transport="websocket")
            await send({"type": "websocket.close", "code": PROTOCOL_ERROR})
            return await next_frame()

        return next_frame

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more and len(body) <= self.max_bytes:
            message = await receive()
            if message["type"] != "http.request":
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > self.max_bytes or not is_payload(body):
            REFUSED.labels("polling").inc()
            log.info("socket_frame_refused", transport="polling")
            await _bad_request(send)
            return
        rest = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return rest.pop() if rest else await receive()

        await self.app(scope, replay, send)


async def _bad_request(send: Send) -> None:
    # As the library answers what it refuses itself: whoever speaks its protocol reads no problem documents.
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": b'"Not a payload of packets"'})
