"""Socket.IO: what happens to a user's bookings goes to the user's own room; replicas share rooms over RabbitMQ."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aio_pika
import jwt
import socketio
import structlog
from mesto.common.errors import Problem
from mesto.common.identity.tokens import Principal, UserVerifier
from mesto.common.messaging.broker import address
from mesto.contracts.events import BookingState
from mesto.contracts.live import BookingUpdated
from mesto.notifications.realtime.frames import FrameGuard
from prometheus_client import Counter, Gauge

log = structlog.get_logger(__name__)
SOCKETS = Gauge("mesto_sockets", "Open Socket.IO connections")
UNUSED = Counter("mesto_sockets_unused_total", "Sockets that were closed because nobody signed in on them")
SENT = Counter("mesto_socket_messages_total", "Messages to rooms", ["event"])
PATH = "api/notifications/socket.io"
CHANNEL = "mesto.live"
RETRY_SECONDS = 1.0
CONNECT_SECONDS = 10.0
"""A socket on which nobody has signed in for so long is closed."""
SEND_SECONDS = 5.0
PACKET_BYTES = 16_384


class BrokerRooms(socketio.AsyncAioPikaManager):  # type: ignore[misc]
    """The library's manager, made to live through restarts of RabbitMQ.

    The original ends its listener for good when the channel is lost (it takes that for a cancellation) and waits up to
    a minute between attempts.
    """

    async def _connection(self) -> Any:
        return await aio_pika.connect_robust(self.url, reconnect_interval=RETRY_SECONDS, timeout=5)

    async def _listen(self) -> AsyncIterator[bytes]:
        while True:
            try:
                async with await aio_pika.connect(self.url, timeout=5) as connection:
                    channel = await self._channel(connection)
                    queue = await channel.declare_queue(exclusive=True, auto_delete=True)
                    await queue.bind(await self._exchange(channel))
                    async with queue.iterator(no_ack=True) as messages:
                        async for message in messages:
                            yield message.body
            except Exception as error:
                # The library loses a cancellation when it closes its channel: then we are stopping, not reconnecting.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise asyncio.CancelledError from error
                log.warning("live_channel_lost", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]
    """The library's server, whose patience with sockets that never sign in, or no longer are, has an end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def _handle_eio_connect(self, eio_sid: str, environ: Any) -> Any:
        self._limit_wait(eio_sid)
        return await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: Any) -> None:
        if (waiting := self._waiting.pop(eio_sid, None)) is not None:
            waiting.cancel()
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if self.manager.sid_from_eio_sid(eio_sid, namespace or "/"):
            self.close_transport(eio_sid)  # twice on one socket, which the library takes for a bug of its own
        else:
            await super()._handle_connect(eio_sid, namespace, data)

    async def _handle_disconnect(self, eio_sid: str, namespace: str | None, reason: Any = None) -> None:
        await super()._handle_disconnect(eio_sid, namespace, reason)
        if eio_sid in self.eio.sockets and not self.eio.sockets[eio_sid].closing:
            self._limit_wait(eio_sid)  # signed off, but still there

    def _limit_wait(self, eio_sid: str) -> None:
        if (earlier := self._waiting.get(eio_sid)) is not None:
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self._waiting[eio_sid] = loop.call_later(CONNECT_SECONDS, self._close_unused, eio_sid)

    def _close_unused(self, eio_sid: str) -> None:
        self._waiting.pop(eio_sid, None)
        if not self.manager.is_connected(self.manager.sid_from_eio_sid(eio_sid, "/"), "/"):
            UNUSED.inc()
            self.close_transport(eio_sid)

    def close_transport(self, eio_sid: str) -> None:
        """Close the transport of a socket, whether or not its other side takes part."""
        closing = asyncio.create_task(self._close_transport(eio_sid))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close_transport(self, eio_sid: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is None:
            return
        await socket.close(wait=False, reason=self.eio.reason.SERVER_DISCONNECT)
        # The library asks the page to close and goes on reading for as long as there is something to read.
        await socket.queue.put(None)
        self.eio.sockets.pop(eio_sid, None)


def room(user_id: UUID) -> str:
    """Return the room of a user's connections."""
    return f"user:{user_id}"


class Realtime:
    """The Socket.IO server of this process."""

    def __init__(self, verifier: UserVerifier, broker_url: str, public_url: str) -> None:
        self.verifier, self.public_url = verifier, public_url.rstrip("/")
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._holders: dict[str, Principal] = {}
        verifier.withdrawn.listeners.append(self._close_withdrawn)
        self.server = SocketServer(
            async_mode="asgi",
            client_manager=BrokerRooms(address(broker_url), channel=CHANNEL),
            cors_allowed_origins=self._same_origin,
            async_handlers=False,  # pages have nothing to tell that could take long
            max_http_buffer_size=PACKET_BYTES,
            ping_interval=20,
            ping_timeout=20,
        )
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)

    def asgi(self, public: Any) -> Any:
        """Return ``public`` with the sockets standing before it."""
        return FrameGuard(
            socketio.ASGIApp(self.server, other_asgi_app=public, socketio_path=PATH), f"/{PATH}", PACKET_BYTES
        )

    async def publish_booking(self, user_id: UUID, booking: BookingState) -> None:
        """Send the state of a booking to a user's connections. Never raises: pages also ask when they reconnect."""
        message = BookingUpdated.of(booking).model_dump(mode="json")
        # A task of its own: the library turns a lost channel into a cancellation, which must not become ours.
        sending = asyncio.create_task(self.server.emit(BookingUpdated.event, message, room=room(user_id)))
        done, _ = await asyncio.wait({sending}, timeout=SEND_SECONDS)
        if not done or sending.cancelled() or sending.exception() is not None:
            sending.cancel()
            log.warning("booking_update_not_told", booking=str(booking.id))
        else:
            SENT.labels(BookingUpdated.event).inc()

    def _same_origin(self, origin: str | None, environ: dict[str, Any]) -> bool:
        # Pages come from the gateway, which keeps the Host header: an address other than the configured one of the
        # same gateway (localhost) is the same origin too.
        return origin is None or origin == self.public_url or urlsplit(origin).netloc == environ.get("HTTP_HOST")

    async def _connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str) or not token:
            raise socketio.exceptions.ConnectionRefusedError("unauthorized", {"detail": "Sign in first."})
        try:
            user = await self.verifier.principal(token)
        except Problem as problem:
            raise socketio.exceptions.ConnectionRefusedError(problem.slug, {"detail": problem.detail}) from problem
        await self.server.enter_room(sid, room(user.user_id))
        self._close_at_expiry(sid, token)
        self._holders[sid] = user
        SOCKETS.inc()

    def _close_at_expiry(self, sid: str, token: str) -> None:
        expires = jwt.decode(token, options={"verify_signature": False})["exp"]  # verified above
        loop = asyncio.get_running_loop()
        self._expiries[sid] = loop.call_later(max(expires - time.time(), 0), self._close_expired, sid)

    def _close_withdrawn(self, _subject: UUID) -> None:
        """Close the sockets of tokens that are worth nothing any more, when auth has withdrawn some."""
        for sid, user in list(self._holders.items()):
            if self.verifier.withdrawn.include(user.session_id, user.user_id, user.issued_at):
                self._close_expired(sid)

    def _close_expired(self, sid: str) -> None:
        # Close the transport and not the session: clients take that for a lost line and come back with a fresh token.
        transport = self.server.manager.eio_sid_from_sid(sid, "/")
        if transport is not None:
            self.server.close_transport(transport)

    async def close_all(self) -> None:
        """Close every page's transport when the process stops, so that it comes back at once, to another replica."""
        if self.server.eio.sockets:
            async with asyncio.timeout(5):
                await self.server.eio.disconnect()

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        if (ending := self._expiries.pop(sid, None)) is not None:
            ending.cancel()
            del self._holders[sid]
            SOCKETS.dec()
