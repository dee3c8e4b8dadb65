"""Whatever happens at once, the counters are what a recount of the bookings says."""

from __future__ import annotations

import asyncio
import itertools
import random
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from mesto.booking.bookings import store as bookings
from mesto.booking.bootstrap import BookingService
from mesto.booking.holds import store as holds
from mesto.common.database.engine import Database
from support.servers.booking import Site, Venue, at, project, service_on, space_event, wish
from support.waiting import eventually_async

CLIENTS = 12
STEPS = 8


def recount(site: Site, venue: Venue) -> dict[Any, int]:
    """Seats used by unit of time, from the bookings alone."""
    ((minutes,),) = site.sql("SELECT unit_minutes FROM booking.resources WHERE id = %s", venue.resource_id)
    used: Counter[Any] = Counter()
    rows = site.sql(
        "SELECT starts_at, busy_until, seats FROM booking.bookings"
        " WHERE resource_id = %s AND status IN ('held', 'awaiting_approval', 'confirmed')",
        venue.resource_id,
    )
    for start, until, seats in rows:
        while start < until:
            used[start] += seats
            start += timedelta(minutes=minutes)
    return dict(used)


async def one_client(site: Site, http: httpx.AsyncClient, venue: Venue, seed: int) -> Counter[int]:
    """Books, pays, cancels and lets holds run out, at random."""
    chance, user_id, statuses = random.Random(seed), uuid.uuid4(), Counter[int]()
    for _ in range(STEPS):
        start = at(8 + chance.randrange(8))
        body = wish(venue, start, start + timedelta(hours=chance.randint(1, 4)), chance.randint(1, 2))
        headers = {**site.auth(user_id), "Idempotency-Key": uuid.uuid4().hex}
        answer = await http.post("/api/booking/bookings", json=body, headers=headers)
        statuses[answer.status_code] += 1
        if answer.status_code != 201:
            continue
        path = f"/api/booking/bookings/{answer.json()['id']}"
        match chance.randrange(4):
            case 0:
                statuses[(await http.post(f"{path}/cancel", headers=headers)).status_code] += 1
            case 1:
                await asyncio.to_thread(site.run_out, answer.json()["id"])
            case 2:
                started = await http.post(f"{path}/payments", json={"provider": "sandbox"}, headers=headers)
                url = started.json()["redirect_url"]
                paid = await http.post(url, json={"outcome": "succeeded"}, headers=headers)
                statuses[paid.status_code] += 1
    return statuses


async def change_and_sweep(service: BookingService, venue: Venue, done: asyncio.Event, often: asyncio.Event) -> None:
    """Meanwhile the owner keeps changing grid, buffer and seats, `often` after each rule came; the sweeper runs."""
    revision = 1
    while not done.is_set():
        revision += 1
        slot, buffer, seats = ((60, 0, 3), (30, 15, 4), (30, 0, 2), (20, 20, 5))[revision % 4]
        resource = {"id": str(venue.resource_id), "slot_minutes": slot, "buffer_minutes": buffer, "seats": seats}
        await service.projections.space_changed(space_event(revision, venue.space_id, resource=resource))
        await service.lifecycle.sweep()
        if revision > 4:
            often.set()
        await asyncio.sleep(0.03)


async def test_counters_equal_a_recount_after_a_storm(booking_site: Site) -> None:
    venue, done, often = await project(booking_site, space_event()), asyncio.Event(), asyncio.Event()

    async def storm(service: BookingService) -> Counter[int]:
        changes = asyncio.create_task(change_and_sweep(service, venue, done, often))
        statuses: Counter[int] = Counter()
        async with httpx.AsyncClient(base_url=booking_site.base, timeout=60) as http:
            for begun in itertools.count(0, CLIENTS):
                clients = (one_client(booking_site, http, venue, begun + seed) for seed in range(CLIENTS))
                statuses += sum(await asyncio.gather(*clients), Counter[int]())
                if often.is_set() or changes.done():
                    break
        done.set()
        await changes
        return statuses

    statuses = await booking_site.with_service(storm)
    assert set(statuses) <= {200, 201, 409, 422}, statuses
    assert statuses[201] > 10
    assert often.is_set()
    rows = booking_site.sql(
        "SELECT start, used FROM booking.slots WHERE resource_id = %s AND used > 0", venue.resource_id
    )
    assert dict(rows) == recount(booking_site, venue)


def waiting(site: Site) -> bool:
    """Whether anybody waits for a lock."""
    backends = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    return bool(site.sql(f"SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN ({backends})"))


@pytest.mark.parametrize("taker", ["hold", "transition"])
async def test_a_change_of_the_unit_waits_for_bookings_in_the_making(booking_site: Site, taker: str) -> None:
    venue = await project(booking_site, space_event())
    booking = booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).json()
    change = space_event(2, venue.space_id, resource={"id": str(venue.resource_id), "slot_minutes": 30})

    database = Database(booking_site.service_url, "booking-taker", pool_size=1)
    async with database.direct() as direct:
        if taker == "hold":
            await holds.lock_resource(direct, venue.resource_id, None, at(10), at(11), at(0))
        else:
            await bookings.lock(direct.connection, uuid.UUID(booking["id"]))
        rebuild = asyncio.create_task(project(booking_site, change))
        await eventually_async(
            lambda: rebuild.done() or waiting(booking_site), "the rebuild to wait, or to have been let through"
        )
        assert not rebuild.done()
    await rebuild
    await database.close()
    assert len(booking_site.sql("SELECT 1 FROM booking.slots WHERE resource_id = %s", venue.resource_id)) == 2


async def test_a_booking_that_waited_for_a_change_goes_by_the_new_rules(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    change = space_event(2, venue.space_id, resource={"id": str(venue.resource_id), "seats": 2}, published=False)
    database = Database(booking_site.service_url, "booking-changer", pool_size=1)
    async with database.transaction() as connection:
        await service_on(database).projections.apply_space(connection, change)
        booking = asyncio.create_task(asyncio.to_thread(booking_site.book, uuid.uuid4(), wish(venue, at(10), at(11))))
        await eventually_async(lambda: booking.done() or waiting(booking_site), "the booking to wait or be answered")
        assert not booking.done()
    answer = await booking
    await database.close()
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "not-bookable")
