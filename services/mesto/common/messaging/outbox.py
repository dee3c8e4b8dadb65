"""Transactional outbox and inbox.

A service records its events in the same transaction as its rows; the relay publishes them with publisher confirms and
deletes what the broker has taken, so an event is delivered at least once. Consumers tell repeats apart by the inbox
(transition events) or by revisions (state events).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import orjson
import structlog
from mesto.common.database.engine import CompiledStatement, Database
from mesto.common.observability import request_context
from mesto.contracts.events import Event
from prometheus_client import Counter
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    any_,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from mesto.common.messaging.broker import Broker

log = structlog.get_logger(__name__)
PUBLISHED = Counter("mesto_outbox_published_total", "Events confirmed by the broker", ["service", "type"])
BATCH = 200
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.01
FINISH_SECONDS = 8.0
"""A batch in hand has this long to end when the process stops."""


def outbox_table(metadata: MetaData) -> Table:
    """Return the table of a service's outbox; call once in its tables.py."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("type", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def inbox_table(metadata: MetaData) -> Table:
    """Return the table of ids of transition events that a service has handled; call once in its tables.py."""
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    )


async def record(
    connection: AsyncConnection, table: Table, events: Sequence[Event], requests: Sequence[str] | None = None
) -> None:
    """Write events into the outbox within the caller's transaction, in order.

    ``requests`` are the ids of the requests that caused them, when that is not the present one.
    """
    ids = requests if requests is not None else [request_context.request_id.get()] * len(events)
    if events:
        rows = [row(event, request_id) for event, request_id in zip(events, ids, strict=True)]
        await connection.execute(table.insert(), rows)


def row(event: Event, request_id: str) -> dict[str, str | bytes]:
    """Return the outbox's row of an event that happens now; its body is an ``Envelope``."""
    envelope = {
        "id": uuid4(),
        "type": event.type,
        "time": datetime.now(UTC),
        "request_id": request_id,
        # Written once: the envelope's model would read it and write it again.
        "payload": orjson.Fragment(event.model_dump_json()),
    }
    return {"type": event.type, "body": orjson.dumps(envelope)}


async def first_time(connection: AsyncConnection, table: Table, event_id: UUID) -> bool:
    """Mark ``event_id`` handled within the caller's transaction; return whether it was not before."""
    statement = insert(table).values(event_id=event_id).on_conflict_do_nothing().returning(table.c.event_id)
    return (await connection.execute(statement)).first() is not None


class Relay:
    """Moves the outbox to the broker. Several relays may run: rows are claimed with SKIP LOCKED.

    Woken after each commit of this process; it also looks every second for rows of other processes (Celery tasks).
    """

    def __init__(self, database: Database, table: Table, broker: Broker, service: str) -> None:
        self.database, self.table, self.broker, self.service = database, table, broker, service
        self._claim = _claim(table)
        self._wake = asyncio.Event()
        database.on_commit.append(self._wake.set)

    async def run(self) -> None:
        """Run until cancelled; a failing database or broker is waited for with growing pauses."""
        pause = 0.2  # by hand: tenacity takes 0.1 ms a batch, and most batches are one event
        while True:
            try:
                moved = await self._whole_batch()
                pause = 0.2
            except Exception as error:
                log.warning("relay_waits", error=repr(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            if 1 < moved < BATCH:
                # Under load the next events are on their way: one transaction for several of them.
                await asyncio.sleep(GATHER_SECONDS)
            elif moved < BATCH:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                self._wake.clear()

    async def _whole_batch(self) -> int:
        """Publish a batch to its end, also when asked to stop meanwhile: what is confirmed is deleted, too."""
        batch = asyncio.create_task(self.publish_batch())
        try:
            return await asyncio.shield(batch)
        except asyncio.CancelledError:
            await asyncio.wait({batch}, timeout=FINISH_SECONDS)
            batch.cancel()
            raise

    async def publish_batch(self) -> int:
        """Publish up to 200 events; return how many. Raises what database or broker raise: nothing is lost."""
        async with self.database.direct(notify=False) as direct:
            # Deleted first, for one statement less; undone with the transaction unless the broker takes them all.
            rows = sorted(await direct.fetch(self._claim, {}), key=itemgetter("id"))
            await asyncio.gather(*(self.broker.publish(row["type"], row["body"]) for row in rows))
        for row in rows:
            PUBLISHED.labels(self.service, row["type"]).inc()
        return len(rows)


def _claim(table: Table) -> CompiledStatement:
    """Take the oldest events that no other relay has."""
    oldest = select(table.c.id).order_by(table.c.id).limit(literal(BATCH)).with_for_update(skip_locked=True)
    # As an array, the events are chosen once; by IN the planner may choose some anew for each row.
    chosen = table.c.id == any_(func.array(oldest.scalar_subquery()))
    return CompiledStatement(delete(table).where(chosen).returning(table.c.id, table.c.type, table.c.body))
