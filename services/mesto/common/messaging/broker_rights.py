"""What each service may do at RabbitMQ, and the queues of events, as a definitions document of RabbitMQ.

Everybody has a user. A service publishes its own events and tasks, and reads its own queues: none but auth can say who
somebody is, whatever becomes of the others. Nobody may publish past the exchange, into another's queue. That is why
queues of events are made here: who makes one with dead letters must be allowed just that. An event that carries a
secret is let into a queue by its publisher and its listeners alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypedDict

from mesto.contracts.events import EVENT_CLASSES, EXCHANGE, Event

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
OWNED = {
    "auth": r"user\..*",
    "catalog": r"(space\.(changed|removed|claimed)|owner\..*)",
    "booking": r"(booking|resource)\..*",
    "geo": r"(space\.located|city\..*)",
}
"""Events that one service alone may publish; ``space.applied`` is told by several."""
LIVE = {"notifications": r"|mesto\.live|amq\.gen-.*|amq_.*"}
"""Sockets of several replicas share rooms by an exchange, each with a queue of its own."""


def user(service: str) -> str:
    """Return the name of a service's user."""
    return f"mesto_{service}"


DeadLetterArguments = TypedDict(
    "DeadLetterArguments", {"x-dead-letter-exchange": str, "x-dead-letter-routing-key": str}
)
"""Of a queue, as the broker names them."""


def dead_letters(service: str) -> DeadLetterArguments:
    """Return the arguments of a service's queue of events."""
    return {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": f"{service}.events.dead"}


def permissions(service: str) -> dict[str, str]:
    """Return patterns of what it may declare, publish to or bind, and read or bind from."""
    live = LIVE.get(service, "")
    return {
        "configure": rf"^(mesto\.events|{service}|[a-z]+\.events(\.dead)?{live})$",
        "write": rf"^(mesto\.events|{service}|[a-z]+\.events{live})$",
        "read": rf"^(mesto\.events|{service}|{service}\.events(\.dead)?{live})$",
    }


def may_publish(service: str) -> str:
    """Return the pattern of event types that it may publish: all but those that another owns."""
    others = "|".join(pattern for owner, pattern in OWNED.items() if owner != service)
    return rf"^(?!({others})$).*$"


def may_bind(service: str, event: type[Event]) -> bool:
    """Return whether it may have an event put into a queue: a secret one only as its publisher or a listener."""
    publishes = re.fullmatch(OWNED.get(service, "(?!)"), event.type) is not None
    return not event.secret or publishes or service in event.listeners


def may_hear(service: str) -> str:
    """Return the pattern of routing keys that it may bind with, each whole: a wildcard would let secrets in."""
    secret = "|".join(re.escape(event.type) for event in EVENT_CLASSES.values() if not may_bind(service, event))
    return rf"^(?!({secret})$)[^*#]*$" if secret else "^[^*#]*$"


def _queues() -> Iterator[tuple[str, Mapping[str, object]]]:
    for service in sorted({listener for event in EVENT_CLASSES.values() for listener in event.listeners}):
        yield f"{service}.events.dead", {}
        yield f"{service}.events", dead_letters(service)


def _bindings() -> Iterator[tuple[str, str]]:
    for event in EVENT_CLASSES.values():
        yield from ((f"{service}.events", event.type) for service in event.listeners)


def definitions(vhost: str, passwords: Mapping[str, str]) -> dict[str, list[dict[str, object]]]:
    """Return a document for ``load_definitions`` or ``POST /api/definitions``; ``passwords`` by service."""
    return {
        "users": [{"name": user(name), "password": passwords[name], "tags": ""} for name in SERVICES],
        "vhosts": [{"name": vhost}],
        "permissions": [{"user": user(name), "vhost": vhost, **permissions(name)} for name in SERVICES],
        "topic_permissions": [
            {
                "user": user(name),
                "vhost": vhost,
                "exchange": EXCHANGE,
                "write": may_publish(name),
                "read": may_hear(name),
            }
            for name in SERVICES
        ],
        "exchanges": [
            {
                "name": EXCHANGE,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
        ],
        "queues": [
            {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": arguments}
            for name, arguments in _queues()
        ],
        "bindings": [
            {
                "source": EXCHANGE,
                "vhost": vhost,
                "destination": queue,
                "destination_type": "queue",
                "routing_key": event_type,
                "arguments": {},
            }
            for queue, event_type in _bindings()
        ],
    }
