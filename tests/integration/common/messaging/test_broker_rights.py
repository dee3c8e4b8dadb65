"""What each service's own user may do at a real RabbitMQ."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import aio_pika
import aiormq
import kombu
import pytest
from amqp.exceptions import AccessRefused
from mesto.common.messaging.broker import Broker
from mesto.common.messaging.broker_rights import SERVICES, may_publish
from mesto.common.worker.tasks import celery_app
from mesto.contracts.events import EVENT_CLASSES, EXCHANGE, Envelope, Event, UserChanged
from mestolocal.rabbitmq import RabbitMQ
from support.servers.notifications import person
from support.waiting import eventually_async


@pytest.fixture
def urls(rabbitmq: RabbitMQ) -> Iterator[dict[str, str]]:
    """Of each service's user, in a virtual host of this test."""
    vhost = f"rights-{uuid.uuid4().hex[:8]}"
    rabbitmq.add_vhost(vhost)
    yield rabbitmq.admit(vhost)
    rabbitmq.drop_vhost(vhost)


def enveloped(event: Event) -> bytes:
    body = event.model_dump(mode="json")
    return Envelope(id=uuid.uuid4(), type=event.type, time=datetime.now(UTC), payload=body).model_dump_json().encode()


async def publish(url: str, exchange: str, key: str, body: bytes = b"{}") -> None:
    """Raises when the broker refuses."""
    connection = await aio_pika.connect(url, timeout=30)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        found = channel.default_exchange if exchange == "" else await channel.get_exchange(exchange, ensure=False)
        await found.publish(aio_pika.Message(body), key, mandatory=False, timeout=30)


async def test_every_service_starts_as_itself_and_hears_what_is_meant_for_it(urls: dict[str, str]) -> None:
    heard: list[Event] = []

    async def record_event(_envelope: Envelope, event: Event) -> None:
        heard.append(event)

    brokers = {
        name: Broker(urls[name], name, None, {UserChanged.type: record_event} if name == "notifications" else None)
        for name in SERVICES
    }
    async with asyncio.timeout(60):
        for broker in brokers.values():
            await broker.start()
            await broker.ping()
    told = person("en")
    await brokers["auth"].publish(told.type, enveloped(told))
    await eventually_async(lambda: heard == [told], "notifications to hear of a person")
    for broker in brokers.values():
        await broker.stop()


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "auth"])
async def test_only_auth_says_who_somebody_is(urls: dict[str, str], service: str) -> None:
    forged = enveloped(person("en"))
    for exchange, key in ((EXCHANGE, "user.changed"), ("", "notifications.events"), ("", "booking.events")):
        with pytest.raises(aiormq.exceptions.AMQPError):
            await publish(urls[service], exchange, key, forged)
    await publish(urls[service], EXCHANGE, f"{service}.nobody")
    await publish(urls["auth"], EXCHANGE, "user.changed", forged)


async def test_what_carries_a_secret_is_let_into_a_queue_by_nobody_else(urls: dict[str, str]) -> None:
    secret = [event.type for event in EVENT_CLASSES.values() if event.secret]
    about_accounts = ["verification_requested", "recovery_requested", "email_change_requested", "security_notice"]
    assert secret == [f"user.{name}" for name in about_accounts]
    for service, url in urls.items():
        for key in (*secret, "user.*", "#", "user.changed"):
            connection = await aio_pika.connect(url, timeout=30)
            async with connection:
                channel = await connection.channel()
                queue = await channel.declare_queue(
                    service, durable=True
                )  # the one of its tasks, which it may do all with
                try:
                    await queue.bind(EXCHANGE, key)
                    bound = True
                except aiormq.exceptions.AMQPError:
                    bound = False
            open_to_all = key == "user.changed"
            assert bound is (open_to_all or (key in secret and service in ("auth", "notifications"))), (service, key)


async def test_replicas_of_notifications_share_rooms_and_others_do_not_speak_there(urls: dict[str, str]) -> None:
    connection = await aio_pika.connect(urls["notifications"], timeout=30)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("mesto.live", aio_pika.ExchangeType.FANOUT)
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        await queue.bind(exchange)
        await exchange.publish(aio_pika.Message(b"told"), "")
        assert (await queue.get(timeout=30)).body == b"told"
        with pytest.raises(aiormq.exceptions.AMQPError):
            await publish(urls["booking"], "mesto.live", "")


def test_tasks_go_to_ones_own_worker_only(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESTO_BROKER_URL", urls["booking"])
    app = celery_app("booking", {})
    app.send_task("booking.something", ["1"])
    with kombu.Connection(urls["booking"]) as connection:
        message = connection.SimpleQueue("booking", no_ack=True).get(timeout=30)
        assert message.headers["task"] == "booking.something"
    with kombu.Connection(urls["booking"], transport_options={"confirm_publish": True}) as connection:
        producer = connection.Producer()
        with pytest.raises(AccessRefused):
            producer.publish("x", exchange="notifications", routing_key="notifications", retry=False)


def test_each_event_may_be_told_by_those_who_own_it() -> None:
    owners = {name: {service for service in SERVICES if re.match(may_publish(service), name)} for name in EVENT_CLASSES}
    assert owners["user.changed"] == {"auth"}
    assert owners["space.changed"] == {"catalog"}
    assert owners["booking.confirmed"] == {"booking"}
    assert owners["space.located"] == owners["city.changed"] == {"geo"}
    assert {"booking", "geo"} <= owners["space.applied"]
    assert all(owners.values())
