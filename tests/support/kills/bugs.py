"""Planted bugs: each takes away one promise of the product, from outside, in the victims' processes.

A bug is only worth its place here while a test shows that the checks catch it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

DAY = 86_400.0


@dataclass(frozen=True)
class Bug:
    """`victims` are the processes that must run with it."""

    what: str
    victims: tuple[str, ...]
    plant: Callable[[str], None]


def _ack_first(_victim: str) -> None:
    from faststream.rabbit import RabbitMessage
    from mesto.common.messaging.broker import Broker

    original = Broker._consume

    async def consume(self: Any, message: Any) -> None:
        await message.ack()
        await original(self, message)

    consume.__annotations__ = {"message": RabbitMessage, "return": None}
    Broker._consume = consume


def _no_dedupe(_victim: str) -> None:
    from mesto.common.messaging import outbox

    async def first_time(*_: Any) -> bool:
        return True

    outbox.first_time = first_time


def _event_later(_victim: str) -> None:
    from mesto.common.database.engine import Database
    from mesto.common.messaging import outbox

    record, transaction = outbox.record, Database.transaction
    waiting: dict[Any, list[tuple[Any, Sequence[Any]]]] = {}

    async def later(connection: Any, table: Any, events: Sequence[Any]) -> None:
        waiting.setdefault(connection, []).append((table, events))

    @asynccontextmanager
    async def committed(self: Any, *arguments: Any, **named: Any) -> Any:
        async with transaction(self, *arguments, **named) as connection:
            try:
                yield connection
            except BaseException:
                waiting.pop(connection, None)
                raise
        for table, events in waiting.pop(connection, []):
            async with transaction(self) as second:
                await record(second, table, events)

    outbox.record = later
    Database.transaction = committed


def _delete_first(_victim: str) -> None:
    from mesto.common.messaging.outbox import BATCH, Relay
    from sqlalchemy import delete, select

    async def publish_batch(self: Any) -> int:
        table = self.table
        async with self.database.engine.begin() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.id).limit(BATCH))).all()
            if rows:
                await connection.execute(delete(table).where(table.c.id.in_([row.id for row in rows])))
        await asyncio.gather(*(self.broker.publish(row.type, row.body) for row in rows))
        return len(rows)

    Relay.publish_batch = publish_batch


def _lost_wakeup(_victim: str) -> None:
    from mesto.common.messaging import outbox

    outbox.POLL_SECONDS = DAY
    made = outbox.Relay.__init__

    def deaf(self: Any, database: Any, *arguments: Any) -> None:
        made(self, database, *arguments)
        database.on_commit.remove(self._wake.set)

    outbox.Relay.__init__ = deaf


def _any_revision(_victim: str) -> None:
    from mesto.booking.projections import store as spaces
    from mesto.booking.users import store as users

    def forced(original: Any) -> Any:
        async def upsert(connection: Any, state: Any, **_: Any) -> bool:
            return bool(await original(connection, state, force=True))

        return upsert

    spaces.upsert_space, users.upsert = forced(spaces.upsert_space), forced(users.upsert)


def _alone(module: Any, name: str) -> None:
    """Let a function of a store commit by itself."""
    original = getattr(module, name)

    async def alone(connection: Any, *arguments: Any) -> Any:
        async with connection.engine.begin() as own:
            return await original(own, *arguments)

    setattr(module, name, alone)


def _counters_alone(_victim: str) -> None:
    from mesto.booking.capacity import store as capacity
    from mesto.booking.holds import store as holds

    save = holds.save

    async def alone(direct: Any, booking: Any, *arguments: Any) -> None:
        *others, busy, seats = arguments
        async with direct.connection.engine.begin() as own:
            await capacity.occupy(own, booking.resource_id, busy, booking.seats, seats)
        await save(direct, booking, *others, [], seats)

    holds.save = alone


def _payments_alone(_victim: str) -> None:
    from mesto.booking.payments import store as payments

    _alone(payments, "update_status")


def _key_later(_victim: str) -> None:
    from mesto.booking.holds.service import Holds
    from mesto.booking.idempotency import store as keys
    from mesto.booking.idempotency.records import Answer, KnownRequest
    from mesto.booking.idempotency.tables import IDEMPOTENCY_KEYS
    from sqlalchemy import select

    begin, finish, once = keys.begin, keys.finish, Holds._create_or_explain

    async def find(direct: Any, user_id: Any, key: str, *_: Any) -> Any:
        mine = (IDEMPOTENCY_KEYS.c.user_id == user_id, IDEMPOTENCY_KEYS.c.key == key)
        row = (await direct.connection.execute(select(IDEMPOTENCY_KEYS).where(*mine))).first()
        if row is None:
            return None
        return KnownRequest(row.fingerprint, Answer(row.status, row.media_type, row.body))

    async def nothing(*_: Any) -> None:
        return None

    async def remember(self: Any, renter: Any, key: str, request: Any, render: Any) -> Any:
        outcome = await once(self, renter, key, request, render)
        now = self.clock()
        if not outcome.replayed:
            async with self.database.direct() as direct:
                await begin(direct, renter.id, key, request.fingerprint, now, now)
                await finish(direct.connection, renter.id, key, outcome.answer)
        return outcome

    keys.begin, keys.finish = find, nothing
    Holds._create_or_explain = remember


def _sent_first(_victim: str) -> None:
    from mesto.notifications.deliveries.tasks import MailTasks

    original = MailTasks._deliver

    def deliver(self: Any, outgoing: Any) -> bool:
        self.thread.run(self.deliveries.mark_sent(outgoing.claimed))
        return original(self, outgoing)

    MailTasks._deliver = deliver


def _forget_listed(_victim: str) -> None:
    import kopf

    event = kopf.on.event

    def on_event(*where: Any, **options: Any) -> Any:
        def register(handler: Any) -> Any:
            async def forgetful(event: Any, **named: Any) -> None:
                if event["type"] is not None:  # None: it was there when the watch began
                    await handler(event=event, **named)

            return event(*where, **options)(forgetful)

        return register

    kopf.on.event = on_event


BUGS: dict[str, Bug] = {
    "ack-before-commit": Bug(
        "a message is acknowledged before its effect is committed", ("notifications",), _ack_first
    ),
    "no-dedupe": Bug("a transition that is delivered twice counts twice", ("notifications",), _no_dedupe),
    "event-outside-transaction": Bug("an event is recorded after its change", ("booking",), _event_later),
    "deleted-before-confirm": Bug("the relay forgets events before the broker has them", ("booking",), _delete_first),
    "lost-wake-up": Bug("the relay is not woken and does not look by itself", ("booking",), _lost_wakeup),
    "revision-ignored": Bug("an older state replaces a newer one", ("booking",), _any_revision),
    "counters-outside-transaction": Bug("seats are counted before the booking is saved", ("booking",), _counters_alone),
    "payment-outside-transaction": Bug("a payment is settled before its booking", ("booking",), _payments_alone),
    "key-after-commit": Bug("an Idempotency-Key is stored after the booking", ("booking",), _key_later),
    "sent-before-handed-over": Bug("a mail counts as sent before it is", ("notifications-worker",), _sent_first),
    "operator-forgets": Bug("what was there before the operator is never looked at", ("operator",), _forget_listed),
}
