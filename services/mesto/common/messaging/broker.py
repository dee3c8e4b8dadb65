"""Events over RabbitMQ by FastStream: one topic exchange, one durable queue per service, one dead-letter queue each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeVar, cast

import structlog
from aio_pika import DeliveryMode, Exchange, Message
from aio_pika.abc import AbstractExchange
from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitMessage, RabbitQueue
from faststream.rabbit.schemas.queue import ClassicQueueArgs
from mesto.common.database.engine import Database, is_transient
from mesto.common.messaging.broker_rights import dead_letters, may_bind
from mesto.common.observability import request_context, telemetry
from mesto.contracts.events import EVENT_CLASSES, EXCHANGE, Envelope, Event
from prometheus_client import Counter, Gauge
from pydantic import ValidationError
from tenacity import AsyncRetrying, RetryCallState, wait_exponential_jitter

log = structlog.get_logger(__name__)
HANDLED = Counter("mesto_events_handled_total", "Events by outcome", ["service", "type", "outcome"])
QUEUED = Gauge("mesto_queue_messages", "Events that wait in a queue of the service", ["service", "queue"])
Handler = Callable[[Envelope, Event], Awaitable[None]]
E = TypeVar("E", bound=Event)
ATTEMPTS = 5
HEARTBEAT_SECONDS = 5
"""How often the broker and we say that we live; a connection that is silent three times as long is given up."""
PING_SECONDS = 2.0
PUBLISH_SECONDS = 5.0
"""Until the broker must have confirmed an event; the relay holds the rows of its batch as long."""
START_SECONDS = 15.0
STOP_SECONDS = 5.0
"""Events in hand have this long to end when the process stops; then the broker gives them to another."""
CONNECT_PAUSES = wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.1)
"""Seconds between attempts to connect."""
EVENTS = RabbitExchange(EXCHANGE, type=ExchangeType.TOPIC, durable=True)


def on(kind: type[E], work: Callable[[E], Awaitable[None]]) -> tuple[str, Handler]:
    """Return an entry of ``handlers`` for events whose envelope does not matter: states, told apart by revisions."""

    async def handle(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, kind)
        await work(event)

    return kind.type, handle


def side_by_side(*rooms: Mapping[str, Handler]) -> dict[str, Handler]:
    """Return the handlers of several rooms as one mapping; an event of more than one is handled by them at once.

    It counts as handled when all have ended; then the first one's exception is raised, if any has failed.
    """
    shared = {name: [room[name] for room in rooms if name in room] for room in rooms for name in room}
    return {name: handlers[0] if len(handlers) == 1 else _together(handlers) for name, handlers in shared.items()}


def _together(handlers: Sequence[Handler]) -> Handler:
    async def handle(envelope: Envelope, event: Event) -> None:
        outcomes = await asyncio.gather(*(work(envelope, event) for work in handlers), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    return handle


def _log_unreachable(state: RetryCallState) -> None:
    assert state.outcome is not None
    log.warning("broker_unreachable", error=repr(state.outcome.exception()))


def _queue(service: str) -> RabbitQueue:
    return RabbitQueue(f"{service}.events", durable=True, arguments=cast(ClassicQueueArgs, dead_letters(service)))


def address(url: str) -> str:
    """Return the URL of the broker with our heartbeat, for aio-pika."""
    return f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT_SECONDS}"


class Broker:
    """The connection of one service to the broker.

    ``handlers`` maps event types to coroutines that return once the event's effect is committed:
    only then is it acknowledged.
    While the database is away, or others hold its locks, an event is held and tried again; an event that fails
    otherwise is tried five times and then goes to ``<service>.events.dead`` with its headers, for a person to look at.
    """

    def __init__(
        self, url: str, service: str, database: Database | None, handlers: Mapping[str, Handler] | None = None
    ) -> None:
        self.service, self.database, self.handlers = service, database, dict(handlers or {})
        self.rabbit = RabbitBroker(
            address(url),
            default_channel=Channel(prefetch_count=20, publisher_confirms=True, on_return_raises=False),
            reconnect_interval=0.5,
            timeout=5,
            graceful_timeout=STOP_SECONDS,
            logger=None,
        )
        self._exchange: AbstractExchange | None = None
        self.connected = False
        if self.handlers:
            self.rabbit.subscriber(_queue(service), ack_policy=AckPolicy.MANUAL)(self._consume)

    async def start(self) -> None:
        """Connect and declare; tries until the broker is there, so a service may start before it."""
        await AsyncRetrying(wait=CONNECT_PAUSES, before_sleep=_log_unreachable)(self._connect)

    async def _connect(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            await self.rabbit.connect()
            await self._declare()
            await self.rabbit.start()
        self.connected = True

    async def _declare(self) -> None:
        """Declare the exchange and the queues of all who listen: what comes before a listener first starts waits there.

        Who may not let an event into a queue leaves it to those who may: they start, or the platform has done it.
        """
        exchange = self._exchange = await self.rabbit.declare_exchange(EVENTS)
        bindings_needed = {(self.service, event_type) for event_type in self.handlers}
        others = [event for event in EVENT_CLASSES.values() if may_bind(self.service, event)]
        bindings_needed |= {(service, event.type) for event in others for service in event.listeners}
        for service, bindings in groupby(sorted(bindings_needed), key=itemgetter(0)):
            await self.rabbit.declare_queue(RabbitQueue(f"{service}.events.dead", durable=True))
            queue = await self.rabbit.declare_queue(_queue(service))
            for _, event_type in bindings:
                await queue.bind(exchange, routing_key=event_type)

    async def stop(self) -> None:
        """Finish the events in hand and disconnect."""
        await self.rabbit.stop()

    async def ping(self) -> None:
        """Raise when the broker does not take messages: asks for the confirm of one that no queue wants."""
        exchange = self._check_connected()
        async with asyncio.timeout(PING_SECONDS):
            await exchange.publish(Message(b""), f"{self.service}.nobody", mandatory=False)
            await self._count_queued()

    async def _count_queued(self) -> None:
        """Asks for what waits, so that it is known whoever runs the broker; the queues were declared at the start."""
        exchange = self._check_connected()
        assert isinstance(exchange, Exchange)  # its interface does not name the channel that it lives on
        channel = await exchange.channel.get_underlay_channel()
        for name in (f"{self.service}.events", f"{self.service}.events.dead") if self.handlers else ():
            found = await channel.queue_declare(name, passive=True)
            QUEUED.labels(self.service, name).set(found.message_count or 0)

    async def publish(self, event_type: str, body: bytes) -> None:
        """Publish an envelope and wait for the broker's confirm. Raises on any failure, and after 5 s."""
        # Not by FastStream: what it does for any kind of message costs as much as the sending.
        message = Message(body, content_type="application/json", delivery_mode=DeliveryMode.PERSISTENT)
        exchange = self._check_connected()
        async with asyncio.timeout(PUBLISH_SECONDS):  # a connection that is being mended waits, too
            await exchange.publish(message, event_type, mandatory=False)

    def _check_connected(self) -> AbstractExchange:
        if not self.connected or self._exchange is None:
            raise ConnectionError("not connected to RabbitMQ yet")
        return self._exchange

    async def _consume(self, message: RabbitMessage) -> None:
        try:
            envelope = Envelope.model_validate_json(message.body)
            event = envelope.event()
        except (KeyError, ValidationError) as error:
            log.error("event_unreadable", error=str(error)[:2000])
            telemetry.report(error)
            HANDLED.labels(self.service, "unreadable", "dead").inc()
            await message.reject()
            return
        token = request_context.request_id.set(envelope.request_id)
        try:
            if await self._handle(envelope, event):
                HANDLED.labels(self.service, envelope.type, "done").inc()
                log.info("event_handled", type=envelope.type, id=str(envelope.id))
                await message.ack()
            else:
                HANDLED.labels(self.service, envelope.type, "dead").inc()
                await message.reject()
        finally:
            request_context.request_id.reset(token)

    async def _handle(self, envelope: Envelope, event: Event) -> bool:
        # By hand: tenacity takes 0.15 ms for each event, even where nothing fails.
        failures, pause = 0, 0.1
        last: Exception | None = None
        while failures < ATTEMPTS:
            try:
                await self.handlers[envelope.type](envelope, event)
                return True
            except Exception as error:
                last = error
                if not is_transient(error) and await self._database_answers():
                    failures += 1
                log.warning("event_failed", type=envelope.type, id=str(envelope.id), attempt=failures, exc_info=error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
        if last is not None:
            telemetry.report(last, event=envelope.type)
        return False

    async def _database_answers(self) -> bool:
        if self.database is None:
            return True
        try:
            await self.database.ping()
        except Exception:
            return False
        return True
