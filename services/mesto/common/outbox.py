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
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog
from mesto.common import telemetry
from mesto.common.db import Database
from mesto.contracts.events import Envelope, Event
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
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from mesto.common.broker import Broker

log = structlog.get_logger(__name__)
PUBLISHED = Counter("mesto_outbox_published_total", "Events confirmed by the broker", ["service", "type"])
BATCH = 200
POLL_SECONDS = 1.0
FINISH_SECONDS = 8.0
"""A batch in hand has this long to end when the process stops."""


def outbox_table(metadata: MetaData) -> Table:
    """The outbox of a service; call once in its tables.py."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("type", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def inbox_table(metadata: MetaData) -> Table:
    """The inbox of a service: ids of transition events already handled."""
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    )


async def record(connection: AsyncConnection, table: Table, events: Sequence[Event]) -> None:
    """Write events into the outbox within the caller's transaction, in order."""
    if events:
        await connection.execute(table.insert(), [row(event) for event in events])


def row(event: Event) -> dict[str, str | bytes]:
    """The outbox's row of an event that happens now."""
    envelope = Envelope(
        id=uuid4(),
        type=event.type,
        time=datetime.now(UTC),
        request_id=telemetry.request_id.get(),
        payload=event.model_dump(mode="json"),
    )
    return {"type": event.type, "body": envelope.model_dump_json().encode()}


async def first_time(connection: AsyncConnection, table: Table, event_id: UUID) -> bool:
    """True when ``event_id`` was not handled before; marks it handled within the caller's transaction."""
    statement = insert(table).values(event_id=event_id).on_conflict_do_nothing().returning(table.c.event_id)
    return (await connection.execute(statement)).first() is not None


class Relay:
    """Moves the outbox to the broker. Several relays may run: rows are claimed with SKIP LOCKED.

    Woken after each commit of this process; it also looks every second for rows of other processes (Celery tasks).
    """

    def __init__(self, database: Database, table: Table, broker: Broker, service: str) -> None:
        self.database, self.table, self.broker, self.service = database, table, broker, service
        self._wake = asyncio.Event()
        database.on_commit.append(self._wake.set)

    async def run(self) -> None:
        """Run until cancelled; a failing database or broker is waited for with growing pauses."""
        pause = 0.2
        while True:
            try:
                moved = await self._whole_batch()
                pause = 0.2
            except Exception as error:
                log.warning("relay_waits", error=repr(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            if moved < BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                self._wake.clear()

    async def _whole_batch(self) -> int:
        """A batch that was begun is finished when the process is asked to stop: what is confirmed is deleted, too."""
        batch = asyncio.create_task(self.publish_batch())
        try:
            return await asyncio.shield(batch)
        except asyncio.CancelledError:
            await asyncio.wait({batch}, timeout=FINISH_SECONDS)
            batch.cancel()
            raise

    async def publish_batch(self) -> int:
        """Publish up to 200 events; how many there were. Raises what database or broker raise: nothing is lost."""
        table = self.table
        claim = select(table.c.id, table.c.type, table.c.body).order_by(table.c.id).limit(BATCH)
        async with self.database.transaction(tell=False) as connection:
            rows = (await connection.execute(claim.with_for_update(skip_locked=True))).all()
            if not rows:
                return 0
            await asyncio.gather(*(self.broker.publish(row.type, row.body) for row in rows))
            await connection.execute(delete(table).where(table.c.id.in_([row.id for row in rows])))
        for row in rows:
            PUBLISHED.labels(self.service, row.type).inc()
        return len(rows)
