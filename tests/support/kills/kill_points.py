"""Named points where a process may be killed: seams of the product, patched from outside, in the victim's process.

A point is armed by a file `<victim>.arm` that names it; the first thread to reach it renames the file to
`<victim>.fired` and kills its own process. What is never armed costs one look for a file.
"""

from __future__ import annotations

import functools
import os
import re
import signal
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH)\b")
_CHANGES_SCHEMA = re.compile(r"\s*(CREATE|ALTER)\b")


@dataclass
class Scope:
    """What the running code is about (request, consumer, relay, task, migration), and whether it has written."""

    kind: str
    wrote: bool = False


_scope: ContextVar[Scope | None] = ContextVar("kill_scope", default=None)


class Trap:
    """The arming files of one victim."""

    def __init__(self, folder: Path, victim: str) -> None:
        self._arm, self._fired = folder / f"{victim}.arm", folder / f"{victim}.fired"
        self._delivered = folder / f"{victim}.delivered"
        self._reached: Counter[str] = Counter()

    def reach(self, point: str) -> None:
        """The code stands at `point`: end here if that is what is armed ("POINT", or "POINT 3" for its third time)."""
        try:
            armed_point, _, times = self._arm.read_text().partition(" ")
        except OSError:
            return
        if armed_point != point:
            return
        self._reached[point] += 1
        if self._reached[point] < int(times or 1):
            return
        try:
            self._arm.rename(self._fired)
        except OSError:
            return  # another thread was first
        os.kill(os.getpid(), signal.SIGKILL)

    def delivered(self, service: str, event_id: object) -> None:
        """Note a delivery of an event, so that repeats can be counted even if this process ends now."""
        line = f"{service} {event_id}\n".encode()
        descriptor = os.open(self._delivered, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, line)
        os.close(descriptor)


def within(kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """A coroutine function that runs in a scope of its own."""

    @functools.wraps(original)
    async def scoped(*arguments: Any, **named: Any) -> Any:
        token = _scope.set(Scope(kind))
        try:
            return await original(*arguments, **named)
        finally:
            _scope.reset(token)

    return scoped


def around(
    trap: Trap,
    owner: Any,
    name: str,
    before: str = "",
    after: str = "",
    only: Callable[..., bool] = lambda *_, **__: True,
) -> None:
    """Put points before and after a coroutine method; `only` says for which arguments."""
    original = getattr(owner, name)

    @functools.wraps(original)
    async def patched(*arguments: Any, **named: Any) -> Any:
        here = only(*arguments, **named)
        if here and before:
            trap.reach(before)
        answer = await original(*arguments, **named)
        if here and after:
            trap.reach(after)
        return answer

    setattr(owner, name, patched)


def around_plain(trap: Trap, owner: Any, name: str, before: str, after: str) -> None:
    """The same for an ordinary function or method."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def patched(*arguments: Any, **named: Any) -> Any:
        trap.reach(before)
        answer = original(*arguments, **named)
        trap.reach(after)
        return answer

    setattr(owner, name, patched)


def transactions(trap: Trap) -> None:
    """`<scope>.before_commit` and `.after_commit` of every transaction that has written."""
    from asyncpg.transaction import Transaction
    from sqlalchemy import Engine, event
    from sqlalchemy.engine.default import DefaultDialect

    def statement(_c: Any, _cursor: Any, text: str, *_: Any) -> None:
        scope = _scope.get()
        if scope is not None:
            scope.wrote = scope.wrote or bool(_WRITES.match(text) or _CHANGES_SCHEMA.match(text))
            if scope.kind == "migration" and _CHANGES_SCHEMA.match(text):
                trap.reach("migration.statement")

    event.listen(Engine, "before_cursor_execute", statement)
    original = DefaultDialect.do_commit

    def do_commit(self: Any, connection: Any) -> None:
        scope = _scope.get()
        writing = scope is not None and scope.wrote
        if scope is not None and scope.kind == "migration" and connection.isolation_level == "autocommit":
            writing = False  # CREATE INDEX CONCURRENTLY: the version's own commit is still to come
        if scope is not None and writing:
            trap.reach(f"{scope.kind}.before_commit")
        original(self, connection)
        if scope is not None and writing:
            scope.wrote = False
            trap.reach(f"{scope.kind}.after_commit")

    DefaultDialect.do_commit = do_commit

    # Hot paths begin and commit by asyncpg itself, and only to write; the relay also when there is nothing to publish.
    leave = Transaction.__aexit__

    async def aexit(self: Any, kind: Any, *rest: Any) -> Any:
        scope = _scope.get()
        here = scope is not None and kind is None and (scope.wrote or scope.kind != "relay")
        if scope is not None and here:
            trap.reach(f"{scope.kind}.before_commit")
        answer = await leave(self, kind, *rest)
        if scope is not None and here:
            trap.reach(f"{scope.kind}.after_commit")
        return answer

    Transaction.__aexit__ = aexit


def service(trap: Trap) -> None:
    """Requests, the consumer and the relay of a service."""
    from faststream.rabbit.message import RabbitMessage
    from mesto.common.http.request_middleware import RequestMiddleware
    from mesto.common.messaging.broker import Broker
    from mesto.common.messaging.outbox import Relay

    transactions(trap)
    ask = RequestMiddleware.__call__
    changing = within("request", ask)

    async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
        changes = scope.get("method", "GET") not in ("GET", "HEAD")
        await (changing if changes else ask)(self, scope, receive, send)

    RequestMiddleware.__call__ = call
    handle = within("consumer", Broker._handle)

    async def counted(self: Any, envelope: Any, event: Any) -> Any:
        trap.delivered(self.service, envelope.id)
        return await handle(self, envelope, event)

    Broker._handle = counted
    around(trap, RabbitMessage, "ack", "consumer.before_ack", "consumer.after_ack")
    Relay.publish_batch = within("relay", Relay.publish_batch)
    around(trap, Broker, "publish", "relay.before_publish", "relay.after_confirm")
    publish = Broker.publish

    async def noted(self: Any, *arguments: Any) -> None:
        if (scope := _scope.get()) is not None:
            scope.wrote = True
        await publish(self, *arguments)

    Broker.publish = noted


def operator(trap: Trap) -> None:
    """Between any two writes of the operator."""
    from mesto.common.http.internal_client import InternalClient
    from mesto.operator.cluster import Cluster

    def adding(_self: Any, _plural: str, _resource: Any, finalizers: list[str]) -> bool:
        return bool(finalizers)

    def method(*words: str) -> Callable[..., bool]:
        return lambda _self, asked, *_, **__: asked in words

    around(trap, Cluster, "set_finalizers", "operator.before_finalizer", "operator.after_finalizer", adding)
    around(trap, Cluster, "set_status", "operator.before_status", "operator.after_status")
    around(trap, InternalClient, "call", "", "operator.after_upsert", method("PUT", "POST"))
    around(trap, InternalClient, "call", "", "operator.after_remove", method("DELETE"))


def worker(trap: Trap) -> None:
    """Tasks of a Celery worker, and the mails they send."""
    from celery.worker.request import Request
    from mesto.common.worker.tasks import LoopThread

    transactions(trap)
    run = LoopThread.run

    def scoped(*arguments: Any, **named: Any) -> Any:
        token = _scope.set(Scope("task"))  # the loop's thread takes the context along
        try:
            return run(*arguments, **named)
        finally:
            _scope.reset(token)

    LoopThread.run = scoped
    around_plain(trap, Request, "acknowledge", "task.before_ack", "task.after_ack")
    from mesto.notifications.deliveries.providers.smtp import SmtpServer

    around_plain(trap, SmtpServer, "send", "mail.before_sending", "mail.after_sending")


def beat(trap: Trap) -> None:
    """Around each task that beat sends."""
    from celery.beat import Scheduler

    around_plain(trap, Scheduler, "apply_async", "beat.before_send", "beat.after_send")


def migration(trap: Trap) -> None:
    """Around the commits of versions and before each statement that changes the schema."""
    transactions(trap)
    _scope.set(Scope("migration"))


def install(trap: Trap, victim: str) -> None:
    """All points of a victim."""
    kinds = {"operator": operator, "migration": migration}
    for suffix, kind in {"-worker": worker, "-beat": beat}.items():
        if victim.endswith(suffix):
            kinds[victim] = kind
    kinds.get(victim, service)(trap)
