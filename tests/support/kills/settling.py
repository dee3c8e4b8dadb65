"""Waiting until the platform has come to rest, and then saying what is wrong."""

from __future__ import annotations

import time

import httpx
import psycopg
from mesto.notifications.settings import SENDING_LEASE
from support.kills import checks, spaces
from support.kills.world import Violation, World

_SETTLED = (
    "SELECT (SELECT count(*) FROM auth.outbox) + (SELECT count(*) FROM catalog.outbox)"
    " + (SELECT count(*) FROM booking.outbox) + (SELECT count(*) FROM geo.outbox)"
    " + (SELECT count(*) FROM notifications.deliveries WHERE status IN ('pending', 'sending'))"
    " + (SELECT count(*) FROM booking.bookings WHERE due_at <= now())"
)
# A mail that a killed worker had claimed waits for the end of its lease; here that time passes at once, but for the
# five seconds that a worker has for a mail.
_LEASE = (
    "UPDATE notifications.deliveries SET due_at = now() WHERE status = 'sending'"
    f" AND due_at BETWEEN now() AND now() + interval '{SENDING_LEASE.total_seconds() - 5} seconds'"
)


def violations(world: World) -> list[Violation]:
    """What is wrong now."""
    found = list(world.odd)
    for check in (*checks.CHECKS, *spaces.CHECKS):
        found += check(world)
    return found


def quiet(world: World) -> bool:
    """Whether nothing is under way: no event, no message, no task, no key of the operator."""
    if world.sql(_SETTLED)[0][0] or any(checks.queues(world).values()):
        return False
    port = world.platform.ports["operator"]
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5, trust_env=False).text
    depth = [line for line in figures.splitlines() if line.startswith("mesto_operator_queue_")]
    return all(line.endswith(" 0.0") for line in depth)


def settle(world: World, seconds: float = 60, rest: float = 60) -> list[Violation]:
    """Waits until nothing is wrong, for `seconds` at most; what is still wrong then.

    Something that is wrong while nothing has been under way for `rest` seconds stays wrong: that ends the wait, too.
    """
    deadline, since = time.monotonic() + seconds, None
    while True:
        try:
            world.sql(_LEASE)
            spaces.accept(world)
            found, at_rest = violations(world), quiet(world)
        except (httpx.HTTPError, psycopg.Error) as error:
            found, at_rest = [Violation("away", repr(error))], False
        now = time.monotonic()
        since = (since or now) if at_rest else None
        if not found or now > deadline or (since is not None and now - since > rest):
            return found
        time.sleep(0.3)
