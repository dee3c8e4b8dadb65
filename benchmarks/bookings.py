"""Bookings per second, on one hot resource and spread over 1,000, against a bare endpoint and against pgbench.

Ours: the booking process with everything on: token check, rules, idempotency, rendering, metrics, logs, and the relay
that publishes each booking's event to RabbitMQ meanwhile, in the same process.
Peer: one uvicorn process with FastAPI and asyncpg that sends the very statements ours sends, captured in this run, in
one transaction on a pool of the same size; it checks nothing and publishes nothing, so it does less.
pgbench: the same statements prepared, from C, by as many clients: what the database alone could do.
Fair because each side has a copy of the same database, the same requests (4 hours, 1 seat, so 4 rows of slots) in the
same order, and the same load generator; all share the machine's cores.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from measuring.capture import Capture, Sent
from measuring.load import request, storm
from measuring.people import Signer
from measuring.report import Claim, Report, tiny
from measuring.stand import Stand, free_port, uvicorn
from mesto.booking.bookings.schemas import booking_view
from mesto.booking.bootstrap import BookingService, wire
from mesto.booking.holds.records import HoldRequest, Renter
from mesto.booking.holds.service import Rendering
from mesto.booking.idempotency.records import Answer
from mesto.booking.tables import CONFIGURATION
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration, from_file
from mesto.contracts.events import SpaceChanged
from mesto.contracts.policy import BookingSection
from mestolocal.policy import EXAMPLE
from peers.script import Script, Step, Use
from psycopg import sql

PATH = "/api/booking/bookings"
CLIENTS = POOL = 16
HOURS, DAYS, SEATS = 4, 28, 10_000
PER_RENTER = 10
MORNING = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    resources: int = 1000
    requests: int = 1200
    rounds: int = 3
    pgbench_transactions: int = 200  # of each client: a time could be over before the first one


def space(number: int) -> SpaceChanged:
    """A space that is always open, with one large resource."""
    identity = uuid.UUID(int=number + 1)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    resource = {
        "id": uuid.uuid5(identity, "open-space"),
        "name": "open-space",
        "kind": "hot_desk",
        "title": {"ru": "Открытая зона", "en": "Open space"},
        "seats": SEATS,
        "prices": [{"per": "hour", "amount": "250.00", "currency": "RUB"}],
        "slot_minutes": 60,
    }
    tiers = [{"before_minutes": 1440, "refund_percent": 100}, {"before_minutes": 120, "refund_percent": 50}]
    body = {
        "space_id": identity,
        "revision": 1,
        "slug": f"loft-{number}",
        "title": {"ru": "Лофт", "en": "Loft"},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "time_zone": "Europe/Moscow",
        "opening_hours": [{"days": days, "open": "00:00", "close": "24:00"}],
        "exceptions": [],
        "resources": [resource],
        "policy": {"approval": "instant", "hold_minutes": 15, "cancellation": tiers},
        "owner_email": "owner@example.org",
        "published": True,
    }
    return SpaceChanged.model_validate(body)


def service_on(database: Database, policy: BookingSection) -> BookingService:
    """The service in this process, by a policy."""
    configuration = Configuration(database, CONFIGURATION, "booking", BookingSection)
    configuration.policy = policy
    return wire(database, configuration)


async def fill(booking: BookingService, count: int) -> list[uuid.UUID]:
    """Project so many spaces, as the consumer would; ids of their resources."""
    spaces = [space(number) for number in range(count)]
    for event in spaces:
        await booking.projections.space_changed(event)
    return [event.resources[0].id for event in spaces]


async def captured(booking: BookingService, capture: Capture, resource: uuid.UUID) -> Script:
    """Make one booking and turn what was sent for it into a script."""
    user, key = uuid.uuid4(), uuid.uuid4().hex
    wish = HoldRequest(resource, MORNING, MORNING + timedelta(hours=HOURS), 1)

    def render(state: Any) -> Answer:
        return Answer(201, "application/json", booking_view(state, "en").model_dump_json().encode())

    renter, rendering = Renter(user, verified=True), Rendering(render, lambda _: Answer(500, "", b""))
    await booking.holds.create(renter, uuid.uuid4().hex, wish, rendering)
    capture.sent.clear()  # the first one also asked for types
    outcome = await booking.holds.create(renter, key, wish, rendering)
    answer = json.loads(outcome.answer.body)
    uses: dict[Any, str] = {
        user: "user",
        int.from_bytes(user.bytes[:8], signed=True): "turn",
        f"user:{user}": "actor",
        key: "key",
        resource: "resource",
        wish.start: "start",
        wish.end: "end",
        uuid.UUID(answer["id"]): "booking",
        uuid.UUID(answer["space_id"]): "space",
    }
    assert capture.sent, "nothing was captured"
    return Script(tuple(_step(sent, uses) for sent in capture.sent), outcome.answer.body)


def _step(sent: Sent, uses: dict[Any, str]) -> Step:
    def place(value: Any) -> Any:
        if isinstance(value, list):
            return Use("starts")
        if isinstance(value, str) and len(value) == 36 and not value.startswith("user:"):
            value = uuid.UUID(value)
        return Use(uses[value]) if value in uses else value

    return Step(sent.sql, tuple(place(value) for value in sent.args))


def wishes(signer: Signer, resources: list[uuid.UUID], count: int, seed: int) -> list[bytes]:
    """Requests that differ in renter, key, time and resource; the same for each side."""
    chance, found = random.Random(seed), []
    for number in range(count):
        if number % PER_RENTER == 0:
            user = uuid.uuid4()
            token = signer.token(user)
        start = MORNING + timedelta(hours=chance.randrange(24 * DAYS))
        resource = str(resources[chance.randrange(len(resources))])
        body = {"resource_id": resource, "start": start.isoformat(), "seats": 1}
        body["end"] = (start + timedelta(hours=HOURS)).isoformat()
        headers = {"Authorization": f"Bearer {token}", "User": str(user), "Idempotency-Key": uuid.uuid4().hex}
        found.append(request("POST", PATH, headers, json.dumps(body).encode()))
    chance.shuffle(found)  # a renter's bookings take turns; ten at once would only wait for each other
    return found


def pgbench_script(script: Script, resources: list[uuid.UUID]) -> str:
    """The script for pgbench: constants inlined, what differs made of random numbers."""
    identity = "('00000000-0000-4000-{}-' || lpad(to_hex(:{}::bigint), 12, '0'))::uuid"
    spaces = ":resource::int + 1"
    start = f"('{MORNING.isoformat()}'::timestamptz + make_interval(hours => :hour::int))"
    texts = {
        "user": identity.format("8000", "renter"),
        "turn": ":renter::bigint",
        "actor": "('user:' || :renter::bigint)",
        "key": "(:booking::bigint)::text",
        "resource": f"bench_resource({spaces})",
        "space": f"lpad(to_hex({spaces}), 32, '0')::uuid",
        "start": start,
        "end": f"({start} + make_interval(hours => {HOURS}))",
        "starts": f"ARRAY(SELECT {start} + make_interval(hours => n) FROM generate_series(0, {HOURS - 1}) AS n)",
        "booking": identity.format("9000", "booking"),
    }
    lines = [f"\\set resource random(0, {len(resources) - 1})", f"\\set hour random(0, {24 * DAYS - 1})"]
    lines += [f"\\set {name} random(1, {2**46})" for name in ("renter", "booking")]
    lines.append("BEGIN;")
    for step in script.steps:
        values = [texts[argument.name] if isinstance(argument, Use) else _literal(argument) for argument in step.args]
        inlined = re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], step.sql)  # noqa: B023 - used at once
        lines.append(" ".join(inlined.split()) + ";")
    return "\n".join([*lines, "COMMIT;", ""])


def _literal(value: Any) -> str:
    # Bytes in hex: pgbench would take a colon in them for a variable.
    return f"'\\x{value.hex()}'::bytea" if isinstance(value, bytes) else sql.Literal(value).as_string()


def pgbench(url: str, file: Path, transactions: int) -> float:
    """Transactions per second; ``transactions`` of each client."""
    words = ["/usr/lib/postgresql/15/bin/pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1"]
    command = [*words, "-t", str(transactions), "-f", str(file), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert found, done.stdout
    return float(found[1])


def number_resources(stand: Stand, database: str, resources: list[uuid.UUID]) -> None:
    """pgbench knows numbers only: a function from a number to the id of a resource."""
    values = sql.SQL(", ").join(
        sql.SQL("({}, {})").format(n, resource) for n, resource in enumerate(resources, start=1)
    )
    table = sql.SQL("CREATE TABLE public.bench AS SELECT n, id FROM (VALUES {}) AS t (n, id)").format(values)
    stand.postgres.run(table, database)
    stand.postgres.run("ALTER TABLE public.bench ADD PRIMARY KEY (n)", database)
    function = "CREATE FUNCTION public.bench_resource(int) RETURNS uuid STABLE LANGUAGE sql"
    stand.postgres.run(sql.SQL(function + " AS 'SELECT id FROM public.bench WHERE n = $1'").format(), database)


def prepare(stand: Stand, scale: Scale) -> tuple[str, list[uuid.UUID], Script]:
    """A database full of spaces, to be copied for each side."""
    name = stand.database()

    async def work() -> tuple[list[uuid.UUID], Script]:
        database = Database(stand.urls(name)["booking"]["database"], "bench", 1)
        capture = Capture(database)
        policy = from_file("booking", BookingSection, EXAMPLE)  # that of the process that is measured
        booking = service_on(database, policy)
        try:
            resources = await fill(booking, scale.resources)
            return resources, await captured(booking, capture, resources[0])
        finally:
            await database.close()

    resources, script = asyncio.run(work())
    number_resources(stand, name, resources)
    stand.postgres.run("VACUUM ANALYZE", name)
    return name, resources, script


def main() -> None:
    small = tiny(str(__doc__))
    scale = Scale(resources=3, requests=20, rounds=1, pgbench_transactions=5) if small else Scale()
    report = Report("bookings", small)
    with Stand() as stand:
        signer = Signer()
        filled, resources, script = prepare(stand, scale)
        databases = {side: stand.database(like=filled) for side in ("ours", "peer", "pgbench")}
        wiring = stand.wiring(databases["ours"], extra={"MESTO_AUTH_INTERNAL_URL": signer.url})
        stand.start_ours(wiring, "booking")
        port, file = free_port(), stand.servers.folder / "script"
        script.save(file)
        peer = {"BARE_SCRIPT": str(file), "BARE_POOL": str(POOL)}
        peer["BARE_DATABASE_URL"] = stand.plain_url(databases["peer"], "booking")
        stand.start_peer("bare", uvicorn("peers.bare_bookings:app", port), port, peer)
        ports = {"ours": wiring.ports["booking-public"], "peer": port}
        claims: list[Claim] = []
        for what, chosen in (("one hot resource", resources[:1]), (f"{len(resources):,} resources", resources)):
            claim = Claim(f"bookings, {what}", "1/s", aim=0.6, beside="FastAPI + asyncpg, same statements")
            bench = Claim(f"bookings, {what}", "1/s", beside="pgbench, same statements")
            lines = stand.servers.folder / "pgbench.sql"
            lines.write_text(pgbench_script(script, chosen))
            for round_number in range(0 if small else -1, scale.rounds):
                rates = {
                    side: asyncio.run(
                        storm(ports[side], wishes(signer, chosen, scale.requests, round_number), CLIENTS)
                    ).per_second(201)
                    for side in ports
                }
                if round_number < 0:
                    continue  # warms up connections, caches and statements of both
                claim.ours.append(rates["ours"])
                claim.peer.append(rates["peer"])
                bench.ours.append(rates["ours"])
                bench.peer.append(pgbench(stand.postgres.url(databases["pgbench"]), lines, scale.pgbench_transactions))
            claims += [claim, bench]
    statements = f"{len(script.steps)} statements a booking besides BEGIN and COMMIT"
    report.notes.append(f"{statements}; {CLIENTS} clients, pools of {POOL}.")
    report.notes.append("Ours also checks token and rules, logs, measures, publishes events; the peer does none of it.")
    report.finish(claims)


if __name__ == "__main__":
    main()
