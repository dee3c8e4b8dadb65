"""A broker may deliver a message again at any time. This listens to all events and can make that happen."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from kombu import Connection, Exchange, Producer, Queue
from mesto.contracts.events import EXCHANGE
from support.servers.platform import Platform
from support.waiting import eventually


class Echo:
    """A queue of its own on the events' exchange."""

    def __init__(self, platform: Platform) -> None:
        self._url = platform.rabbitmq.url(platform.vhost)
        self._messages: list[tuple[str, bytes]] = []
        self._over, self._bound = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Echo:
        self._thread.start()
        assert self._bound.wait(30), "the echo's queue is not bound"
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        exchange = Exchange(EXCHANGE, type="topic", durable=True)
        with Connection(self._url) as connection:
            queue = Queue("", exchange, routing_key="#", exclusive=True, auto_delete=True, channel=connection)
            with connection.Consumer(queue, callbacks=[self._record], accept=None, no_ack=True):
                self._bound.set()
                while not self._over.is_set():
                    try:
                        connection.drain_events(timeout=0.2)
                    except TimeoutError:
                        continue

    def _record(self, _body: Any, message: Any) -> None:
        content = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        self._messages.append((message.delivery_info["routing_key"], content))

    def publish_again(self, event_type: str, mentioned: str) -> None:
        """Publish the first event of this type that mentions something once more, as it was."""
        mark = mentioned.encode()

        def first_heard() -> bytes:
            return next((body for kind, body in self._messages if kind == event_type and mark in body), b"")

        body = eventually(first_heard, f"{event_type} of {mentioned} was heard")
        with Connection(self._url, transport_options={"confirm_publish": True}) as connection:
            producer = Producer(connection.channel(), Exchange(EXCHANGE, type="topic", durable=True))
            producer.publish(
                body,
                routing_key=event_type,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                retry=False,
            )
