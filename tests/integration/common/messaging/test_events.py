"""Events from a committed transaction to a consumer, over real PostgreSQL and RabbitMQ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from faststream.rabbit import RabbitQueue
from mesto.common.database.engine import Database, metadata
from mesto.common.messaging.broker import EVENTS, Broker, Handler
from mesto.common.messaging.outbox import Relay, first_time, inbox_table, outbox_table, record
from mesto.common.observability.metrics import outbox_reader
from mesto.contracts.events import Envelope, Event, SpaceRemoved
from prometheus_client import REGISTRY
from sqlalchemy import func, select, text
from support.servers.session_servers import DatabaseUrls
from support.waiting import eventually_async

METADATA = metadata("events_test")
OUTBOX, INBOX = outbox_table(METADATA), inbox_table(METADATA)


def event(revision: int) -> SpaceRemoved:
    return SpaceRemoved(space_id=uuid4(), revision=revision)


@dataclass
class Stage:
    """A producer with its relay, and consumers that a test adds."""

    database: Database
    broker_url: str
    brokers: list[Broker] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def broker(self, service: str, handler: Handler | None = None) -> Broker:
        handlers = {"space.removed": handler} if handler else {}
        broker = Broker(self.broker_url, service, self.database, handlers)
        await broker.start()
        self.brokers.append(broker)
        return broker

    def relay(self, broker: Broker) -> None:
        relay = Relay(self.database, OUTBOX, broker, "producer")
        self.tasks.append(asyncio.create_task(relay.run()))

    async def write(self, *events: Event) -> None:
        async with self.database.transaction() as connection:
            await record(connection, OUTBOX, events)

    async def empty(self) -> bool:
        return await self.waiting() == 0

    async def waiting(self) -> int:
        async with self.database.read() as connection:
            return (await connection.execute(select(func.count()).select_from(OUTBOX))).scalar_one()


@pytest.fixture
async def stage(fresh_database_urls: DatabaseUrls, fresh_broker_url: str) -> AsyncIterator[Stage]:
    url = fresh_database_urls.admin.replace("postgresql://", "postgresql+asyncpg://")
    stage = Stage(Database(url, "producer"), fresh_broker_url)
    async with stage.database.transaction() as connection:
        await connection.execute(text("CREATE SCHEMA events_test"))
        await connection.run_sync(METADATA.create_all)
    yield stage
    for task in stage.tasks:
        task.cancel()
    await asyncio.gather(*stage.tasks, return_exceptions=True)
    for broker in stage.brokers:
        await broker.stop()
    await stage.database.close()


async def test_the_lag_of_the_outbox_grows_while_nobody_publishes(stage: Stage) -> None:
    read = outbox_reader(OUTBOX, "lagging")

    async def shown() -> tuple[float, float]:
        async with stage.database.read() as connection:
            await read(connection)
        labels = {"service": "lagging"}
        figures = [REGISTRY.get_sample_value(f"mesto_outbox_{name}", labels) for name in ("waiting", "lag_seconds")]
        return float(figures[0] or 0), float(figures[1] or 0)

    assert await shown() == (0, 0)
    await stage.write(event(1), event(2))
    async with stage.database.transaction() as connection:
        await connection.execute(text("UPDATE events_test.outbox SET created_at = now() - interval '90 seconds'"))
    waiting, lag = await shown()
    assert (waiting, lag >= 90) == (2, True)
    assert (
        REGISTRY.get_sample_value("mesto_outbox_lag_seconds", {"service": "lagging"}) or 0
    ) > lag  # between readings
    stage.relay(await stage.broker("consumer"))
    await eventually_async(stage.empty, "an empty outbox")
    assert await shown() == (0, 0)


async def test_what_was_committed_arrives_and_leaves_the_outbox(stage: Stage) -> None:
    seen: list[int] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        assert isinstance(removed, SpaceRemoved)
        seen.append(removed.revision)

    stage.relay(await stage.broker("consumer", note))
    await stage.write(*(event(number) for number in range(450)))
    await eventually_async(lambda: len(seen) == 450, "450 events at the consumer")
    assert sorted(seen) == list(range(450))
    await eventually_async(lambda: _is_zero(stage), "an empty outbox")


async def _is_zero(stage: Stage) -> bool:
    return await stage.waiting() == 0


async def test_what_was_rolled_back_is_never_told(stage: Stage) -> None:
    seen: list[Event] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        seen.append(removed)

    stage.relay(await stage.broker("consumer", note))

    async def change_of_mind() -> None:
        async with stage.database.transaction() as connection:
            await record(connection, OUTBOX, [event(1)])
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        await change_of_mind()
    await stage.write(event(2))
    await eventually_async(lambda: seen, "the committed event")
    assert [event.revision for event in seen if isinstance(event, SpaceRemoved)] == [2]


async def test_events_wait_for_a_broker_that_is_not_there_yet(stage: Stage) -> None:
    publisher = Broker(stage.broker_url, "producer", stage.database)
    stage.relay(publisher)
    await stage.write(event(1))
    assert await stage.waiting() == 1
    seen: list[Event] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        seen.append(removed)

    await stage.broker("consumer", note)
    await publisher.start()
    stage.brokers.append(publisher)
    await eventually_async(lambda: seen, "the event that waited")


async def test_what_is_told_before_a_listener_has_ever_started_waits_for_it(stage: Stage) -> None:
    stage.relay(await stage.broker("producer"))
    await stage.write(event(1))
    await eventually_async(stage.empty, "the event to be published")
    seen: list[Event] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        seen.append(removed)

    for listener in SpaceRemoved.listeners:
        await stage.broker(listener, note)
    await eventually_async(lambda: len(seen) == 2, "the event at both who listen")


async def test_a_handler_that_fails_for_good_sends_its_event_to_the_dead_letters(
    stage: Stage,
) -> None:
    attempts: list[int] = []

    async def fail(_envelope: Envelope, _event: Event) -> None:
        attempts.append(1)
        raise ValueError("a bug")

    broker = await stage.broker("consumer", fail)
    stage.relay(broker)
    await stage.write(event(1))
    await eventually_async(lambda: _dead(broker), "one message in consumer.events.dead")
    assert len(attempts) == 5


async def test_a_lock_that_others_hold_never_sends_an_event_to_the_dead_letters(stage: Stage) -> None:
    attempts: list[int] = []

    async def refuse_for_a_while(_envelope: Envelope, _event: Event) -> None:
        attempts.append(1)
        if len(attempts) <= 6:
            async with stage.database.transaction() as connection:
                await connection.execute(text("DO $$ BEGIN RAISE lock_not_available; END $$"))

    broker = await stage.broker("consumer", refuse_for_a_while)
    stage.relay(broker)
    await stage.write(event(1))
    await eventually_async(lambda: len(attempts) == 7, "the event is handled in the end")
    assert not await _dead(broker)


async def _dead(broker: Broker) -> bool:
    queue = await broker.rabbit.declare_queue(RabbitQueue("consumer.events.dead", durable=True))
    message = await queue.get(fail=False)
    if message is not None:
        await message.ack()
    return message is not None


async def test_a_message_that_is_no_event_does_not_stop_the_queue(stage: Stage) -> None:
    seen: list[Event] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        seen.append(removed)

    broker = await stage.broker("consumer", note)
    for body in (b"not json", b"{}", b'{"id":"' + str(uuid4()).encode() + b'","type":"space.removed","payload":{}}'):
        await broker.rabbit.publish(body, exchange=EVENTS, routing_key="space.removed")
    stage.relay(broker)
    await stage.write(event(7))
    await eventually_async(lambda: seen, "the good event behind the bad ones")


async def test_an_event_id_counts_once(stage: Stage) -> None:
    event_id = uuid4()

    async def handle() -> bool:
        async with stage.database.transaction() as connection:
            return await first_time(connection, INBOX, event_id)

    assert sorted(await asyncio.gather(*(handle() for _ in range(8)))) == [False] * 7 + [True]


async def test_two_relays_share_the_work_and_lose_nothing(stage: Stage) -> None:
    seen: list[int] = []

    async def note(_envelope: Envelope, removed: Event) -> None:
        assert isinstance(removed, SpaceRemoved)
        seen.append(removed.revision)

    broker = await stage.broker("consumer", note)
    stage.relay(broker)
    stage.relay(broker)
    # As many at once as there are connections: who waits longer than a second for one is refused, rightly.
    for first in range(0, 200, 5):
        await asyncio.gather(*(stage.write(event(number)) for number in range(first, first + 5)))
    await eventually_async(lambda: len(seen) == 200, "200 events from two relays")
    assert sorted(seen) == list(range(200))


async def test_what_waits_in_the_queues_is_known_without_the_brokers_own_metrics(stage: Stage) -> None:
    seen = asyncio.Event()

    async def refuse(_envelope: Envelope, _event: Event) -> None:
        seen.set()
        raise ValueError("never")

    broker = await stage.broker("consumer", refuse)
    stage.relay(broker)
    await stage.write(event(1))

    def shown(queue: str) -> float | None:
        return REGISTRY.get_sample_value("mesto_queue_messages", {"service": "consumer", "queue": queue})

    async def dead() -> bool:
        await broker.ping()
        return shown("consumer.events.dead") == 1

    await eventually_async(dead, "one dead letter in the figures")
    assert seen.is_set()
    assert shown("consumer.events") == 0
