"""Is everything as it was acknowledged? Each check looks at one world and yields what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from support.kills.world import Booked, Violation, World

SERVICES = ("auth", "catalog", "booking", "geo")
SEATED = "('held', 'awaiting_approval', 'confirmed')"
MAILED = "('confirmed', 'awaiting_approval', 'cancelled', 'declined', 'expired')"
"""Transitions that are worth a mail."""

# One statement, so one snapshot: it must hold at any moment, in the middle of the load too.
_COUNTERS = f"""
    WITH seated AS (
        SELECT b.resource_id, unit AS start, sum(b.seats) AS used
        FROM booking.bookings b JOIN booking.resources r ON r.id = b.resource_id,
        LATERAL generate_series(
            date_bin(make_interval(mins => r.unit_minutes), b.starts_at, 'epoch'),
            b.busy_until - interval '1 microsecond', make_interval(mins => r.unit_minutes)) AS unit
        WHERE b.status IN {SEATED} AND r.id = ANY(%s::uuid[]) GROUP BY 1, 2),
    counted AS (SELECT * FROM booking.slots WHERE resource_id = ANY(%s::uuid[]))
    SELECT resource_id, start, coalesce(s.used, 0), coalesce(seated.used, 0), s.seats, r.seats
    FROM counted s FULL JOIN seated USING (resource_id, start) JOIN booking.resources r ON r.id = resource_id
    WHERE coalesce(s.used, 0) <> coalesce(seated.used, 0) OR s.seats <> greatest(r.seats, s.used)
       OR coalesce(seated.used, 0) > %s
"""


def counters(world: World) -> Iterator[Violation]:
    """Counters equal a recount, and no seat is sold twice."""
    hot = [venue.resource_id for venue in world.hot.values()]
    for resource, start, used, recount, seats, declared in world.sql(_COUNTERS, hot, hot, world.most_seats):
        sort = "oversold" if recount > world.most_seats else "counter"
        yield Violation(sort, f"{resource} {start}: used {used}, recounted {recount}, seats {seats} of {declared}")


def bookings(world: World) -> Iterator[Violation]:
    """What was acknowledged is there once, with the status, the money and the refund that were told."""
    users = [person.user_id for person in world.people]
    rows = {
        str(row[0]): row
        for row in world.sql(
            "SELECT id, status, total, refund, seats, starts_at, ends_at, resource_id, user_id"
            " FROM booking.bookings WHERE user_id = ANY(%s::uuid[])",
            users,
        )
    }
    for name in rows.keys() - world.bookings.keys():
        yield Violation("doubled", f"{name} was never acknowledged to anybody: {rows[name][1:]}")
    for name, booked in world.bookings.items():
        if name not in rows:
            yield Violation("lost", f"{name}, acknowledged as {booked.status}")
            continue
        _, status, total, refund, seats, start, end, resource, user = rows[name]
        told = (booked.status, booked.seats, booked.start, booked.end, booked.resource_id, booked.renter.user_id)
        if told != (status, seats, start, end, str(resource), str(user)):
            yield Violation("status", f"{name} is {status}, {seats} seats {start}–{end}; told {told}")
        if (booked.total, booked.refund) != (total, refund):
            yield Violation("total", f"{name}: {total}, back {refund}; told {booked.total}, back {booked.refund}")


def _refunded(booked: Booked, status: str) -> Decimal:
    if status in ("refunded", "partially_refunded"):
        return booked.total if booked.refund is None else booked.refund
    return Decimal(0)


def payments(world: World) -> Iterator[Violation]:
    """Every payment is the acknowledged one: settled or refunded, and none is open."""
    found: dict[str, dict[str, tuple[str, Decimal, Decimal]]] = {}
    rows = world.sql(
        "SELECT booking_id, id, status, amount, refunded FROM booking.payments WHERE booking_id = ANY(%s::uuid[])",
        list(world.bookings),
    )
    for booking, payment, status, amount, refunded in rows:
        found.setdefault(str(booking), {})[str(payment)] = (status, amount, refunded)
    for name, booked in world.bookings.items():
        told = {
            payment: (status, booked.total, _refunded(booked, status)) for payment, status in booked.payments.items()
        }
        there = found.get(name, {})
        if told != there or any(status == "open" for status, *_ in there.values()):
            yield Violation("payment", f"{name} ({booked.status}): {there}; told {told}")
        if booked.status in ("held", "expired") and "succeeded" in booked.payments.values():
            yield Violation("payment", f"{name} is paid for and {booked.status}")


def events(world: World) -> Iterator[Violation]:
    """Each transition was told once: the audit, the status and the mails agree, and each mail was handed over.

    Renters here have not verified their addresses: what they have not paid for is suppressed, once.
    """
    names = list(world.bookings)
    audit = world.sql(
        "SELECT b.id, b.status, b.revision, count(*), (array_agg(h.to_status ORDER BY h.revision DESC))[1]"
        " FROM booking.bookings b JOIN booking.booking_history h ON h.booking_id = b.id"
        " WHERE b.id = ANY(%s::uuid[]) GROUP BY b.id",
        names,
    )
    for name, status, revision, steps, last in audit:
        if (revision, status) != (steps, last):
            yield Violation("status", f"{name} is {status} at {revision}, its audit has {steps} steps to {last}")
    moved = Counter[tuple[str, str]]()
    steps_to = f"SELECT booking_id, to_status FROM booking.booking_history WHERE to_status IN {MAILED}"
    for booking, kind in world.sql(f"{steps_to} AND booking_id = ANY(%s::uuid[])", names):
        moved[str(booking), kind] += 1
    told = Counter[tuple[str, str]]()
    rows = world.sql(
        "SELECT id, payload->'booking'->>'id', kind, status, verified_only FROM notifications.deliveries"
        " WHERE user_id = ANY(%s::uuid[]) AND kind <> 'verification'",
        [person.user_id for person in world.people],
    )
    taken = world.installation.mails.taken
    for delivery, booking, kind, status, verified_only in rows:
        told[booking, kind] += 1
        outcome = ("suppressed", False) if verified_only else ("sent", True)
        if (status, bool(taken[str(delivery)])) != outcome:
            yield Violation("mail", f"{delivery} of {booking} ({kind}) is {status}, taken {taken[str(delivery)]} times")
    for pair in moved.keys() | told.keys():
        if told[pair] != moved[pair]:
            sort = "event" if told[pair] < moved[pair] else "repeated"
            yield Violation(sort, f"{pair}: happened {moved[pair]} times, told {told[pair]} times")


def people(world: World) -> Iterator[Violation]:
    """Whoever was registered is known to all who need to know."""
    ids = [person.user_id for person in world.people]
    for service, column in (("booking", "id"), ("notifications", "user_id")):
        known = {
            str(name): (revision, email)
            for name, revision, email in world.sql(
                f"SELECT {column}, revision, email FROM {service}.users WHERE {column} = ANY(%s::uuid[])", ids
            )
        }
        rows = world.sql("SELECT id, revision, email FROM auth.accounts WHERE id = ANY(%s::uuid[])", ids)
        if len(rows) != len(set(ids)):
            yield Violation("lost", f"{len(set(ids)) - len(rows)} accounts")
        for name, revision, email in rows:
            if known.get(str(name)) != (revision, email):
                yield Violation("projection", f"{service} knows user {name} as {known.get(str(name))}, not {revision}")


def outboxes(world: World) -> Iterator[Violation]:
    """Everything was published, and no event was given up."""
    for service in SERVICES:
        waiting = world.sql(f"SELECT count(*) FROM {service}.outbox")[0][0]
        if waiting:
            yield Violation("outbox", f"{waiting} events of {service} are not published")
    for name, messages in queues(world).items():
        if name.endswith(".dead") and messages:
            yield Violation("dead letter", f"{messages} in {name}")


def queues(world: World) -> dict[str, int]:
    """Messages by queue, those being worked on included."""
    with world.platform.rabbitmq.management() as http:
        answer = http.get(f"/queues/{world.platform.vhost}")
        answer.raise_for_status()
    return {queue["name"]: queue.get("messages", 0) for queue in answer.json()}


CHECKS: list[Callable[[World], Iterator[Any]]] = [counters, bookings, payments, events, people, outboxes]
