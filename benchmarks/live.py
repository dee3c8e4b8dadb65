"""From the commit of a payment to the Socket.IO event at a client, against bare hops.

Ours: booking commits a confirmed booking with its event in the outbox; the relay claims and publishes it, RabbitMQ
hands it to notifications, which commits what mail is due and tells the renter's room.
Peer: two processes with the same hops and nothing else: commit, publish, RabbitMQ, consume, Socket.IO.
Fair because both times run from the same clock to the same clock: PostgreSQL's own time of the commit
(track_commit_timestamp) and the arrival at one client of python-socketio on the same machine, one transition after the
other. Both run on uvloop, publish persistent messages with confirms, and acknowledge after telling.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import quantiles
from typing import Any

import asyncpg
import bookings
import httpx
import socketio
from measuring.people import Signer
from measuring.report import Claim, Report, tiny
from measuring.stand import Stand, free_port, uvicorn
from mesto.common.database.engine import Database
from mesto.contracts.policy import BookingSection

PATH = "/api/notifications/socket.io"
SECONDS = 30
Sample = Callable[[int], Awaitable[tuple[str, float]]]
"""One transition by its number: (booking, when it came)."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    samples: int = 250
    rounds: int = 3


class Listener:
    """One client; ``arrived`` waits for a booking in a status and says when it came, in seconds of the wall clock."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("booking.updated", self._note)
        self._came: dict[tuple[str, str], asyncio.Future[float]] = {}

    def _slot(self, booking: str, status: str) -> asyncio.Future[float]:
        return self._came.setdefault((booking, status), asyncio.get_running_loop().create_future())

    def _note(self, message: dict[str, Any]) -> None:
        now, slot = time.time(), self._slot(message["id"], message["status"])
        if not slot.done():
            slot.set_result(now)

    async def arrived(self, booking: str, status: str) -> float:
        async with asyncio.timeout(SECONDS):
            return await self._slot(booking, status)


async def ours(
    http: httpx.AsyncClient, listener: Listener, resource: uuid.UUID, first: int, number: int
) -> tuple[str, float]:
    """Hold and pay; (booking, when its confirmation came)."""
    start = bookings.MORNING + timedelta(hours=(first + number) % (24 * bookings.DAYS))
    wish = {"resource_id": str(resource), "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    held = await http.post("/api/booking/bookings", json=wish, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert held.status_code == 201, held.text
    booking = str(held.json()["id"])
    started = await http.post(f"/api/booking/bookings/{booking}/payments", json={"provider": "sandbox"})
    await listener.arrived(booking, "held")
    paid = await http.post(started.json()["redirect_url"], json={"outcome": "succeeded"})
    assert paid.status_code == 200, paid.text
    return booking, await listener.arrived(booking, "confirmed")


async def bare(
    http: httpx.AsyncClient, listener: Listener, user: str, example: dict[str, Any], _number: int
) -> tuple[str, float]:
    """The same size of message over the bare hops."""
    identity = str(uuid.uuid4())
    await http.post("/send", json={**example, "id": identity, "user": user, "status": "confirmed"})
    return identity, await listener.arrived(identity, "confirmed")


async def latencies(
    samples: int, send_one: Callable[[int], Awaitable[tuple[str, float]]], url: str, query: str
) -> list[float]:
    """Milliseconds from commit to arrival."""
    came = dict([await send_one(number) for number in range(samples)])
    connection = await asyncpg.connect(url)
    try:
        committed: list[tuple[uuid.UUID, datetime]] = await connection.fetch(query, list(came))
    finally:
        await connection.close()
    assert len(committed) == samples
    return [(came[str(identity)] - moment.timestamp()) * 1000 for identity, moment in committed]


async def measure(
    scale: Scale, ports: dict[str, int], user: uuid.UUID, token: str, resource: uuid.UUID, url: str, warm: bool
) -> list[Claim]:
    claims = {
        50: Claim("commit to browser, median", "ms", better="less", beside="bare hops"),
        99: Claim("commit to browser, p99", "ms", aim=3, better="less", beside="bare hops"),
    }
    listeners = {"ours": Listener(), "peer": Listener()}
    await listeners["ours"].client.connect(
        f"http://127.0.0.1:{ports['notifications']}",
        auth={"token": token},
        socketio_path=PATH,
        transports=["websocket"],
    )
    await listeners["peer"].client.connect(
        f"http://127.0.0.1:{ports['teller']}", auth={"user": str(user)}, transports=["websocket"]
    )
    headers = {"Authorization": f"Bearer {token}"}
    history = (
        "SELECT booking_id::text, pg_xact_commit_timestamp(xmin) FROM booking.booking_history"
        " WHERE to_status = 'confirmed' AND booking_id = ANY ($1::uuid[])"
    )
    hops = "SELECT id, pg_xact_commit_timestamp(xmin) FROM public.hops WHERE id = ANY ($1::text[])"
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['booking']}", headers=headers, timeout=SECONDS) as http,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['sender']}", timeout=SECONDS) as bare_http,
    ):
        example = {"booking": json.loads(bookings.space(0).model_dump_json())}
        for round_number in range(-1 if warm else 0, scale.rounds):
            first = max(round_number, 0) * scale.samples
            send = partial(ours, http, listeners["ours"], resource, first)
            mine = await latencies(scale.samples, send, url, history)
            send = partial(bare, bare_http, listeners["peer"], str(user), example)
            theirs = await latencies(scale.samples, send, url, hops)
            for percent, claim in claims.items():
                if round_number >= 0:
                    claim.ours.append(quantiles(mine, n=100)[percent - 1])
                    claim.peer.append(quantiles(theirs, n=100)[percent - 1])
    for listener in listeners.values():
        await listener.client.disconnect()
    return list(claims.values())


async def project(url: str) -> uuid.UUID:
    """One space; the id of its resource."""
    database = Database(url, "bench", 1)
    try:
        return (await bookings.fill(bookings.service_on(database, BookingSection()), 1))[0]
    finally:
        await database.close()


def main() -> None:
    small = tiny(str(__doc__))
    scale = Scale(samples=5, rounds=1) if small else Scale()
    report = Report("live", small)
    with Stand() as stand:
        stand.note_commit_times()
        signer, user, database = Signer(), uuid.uuid4(), stand.database()
        token = signer.token(user)
        resource = asyncio.run(project(stand.urls(database)["booking"]["database"]))
        stand.postgres.run("CREATE TABLE public.hops (id text PRIMARY KEY)", database)
        wiring = stand.wiring(database, extra={"MESTO_AUTH_INTERNAL_URL": signer.url})
        stand.start_ours(wiring, "booking", "notifications")
        peer = {"HOPS_BROKER_URL": stand.vhost(), "HOPS_DATABASE_URL": stand.postgres.url(database)}
        ports = {name: wiring.ports[f"{name}-public"] for name in ("booking", "notifications")}
        for name in ("sender", "teller"):
            ports[name] = free_port()
            stand.start_peer(name, uvicorn(f"peers.bare_hops:{name}", ports[name]), ports[name], peer)
        url = stand.postgres.url(database)
        claims = asyncio.run(measure(scale, ports, user, token, resource, url, warm=not small))
    report.notes.append(f"{scale.samples} transitions a round, one after the other; a quantile is taken of each round.")
    report.finish(claims)


if __name__ == "__main__":
    main()
