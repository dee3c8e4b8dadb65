"""Another service on the broker: tells of spaces and hears all that is published."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from faststream.rabbit import RabbitQueue
from mesto.common.messaging.broker import EVENTS, Broker
from mesto.contracts.events import Envelope, Event


@dataclass
class Listener:
    """`heard` holds envelopes as they came."""

    broker: Broker
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def publish(self, event: Event) -> None:
        """Publish as a service's relay does."""
        payload = event.model_dump(mode="json")
        envelope = Envelope(id=uuid.uuid4(), type=event.type, time=datetime.now(UTC), payload=payload)
        await self.broker.publish(event.type, envelope.model_dump_json().encode())

    def values_of(self, kind: str, name: str) -> list[str]:
        """What events of this kind say under this name, of spaces or of bookings, in order."""
        payloads = [event["payload"] for event in self.heard if event["type"] == kind]
        return [str(payload.get(name) or payload.get("booking", {}).get(name)) for payload in payloads]


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listener]:
    """A listener at the broker, until the block ends."""
    broker = Broker(url, f"listener-{uuid.uuid4().hex[:8]}", None)
    listener = Listener(broker)
    queue = RabbitQueue(broker.service, auto_delete=True, routing_key="#")

    def record_event(body: Any) -> None:
        if isinstance(body, dict):  # else it is what services ask the broker with whether it takes messages
            listener.heard.append(body)

    broker.rabbit.subscriber(queue, exchange=EVENTS)(record_event)
    await broker.start()
    yield listener
    await broker.stop()
