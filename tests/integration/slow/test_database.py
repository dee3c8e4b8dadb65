"""A database that is silent, broken or slow: requests end, none piles up, nothing is lost, all comes back by itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from support.faults.concurrent_requests import Outcome, assert_answers, send_all
from support.faults.network_faults import BROKEN, HARMLESS
from support.servers.booking import Venue
from support.waiting import eventually, eventually_async

CROWD = 160
POOL = 16
IN_FLIGHT = 'mesto_http_requests_in_flight{service="booking"}'

pytestmark = pytest.mark.usefixtures("same_processes")


def without_data(weak: Any) -> list[httpx.Request]:
    """Requests that no database is needed for."""
    paths = ("openapi.json", "bookings")  # the second without a token: refused before anything is read
    return [httpx.Request("GET", f"{weak.site.base}/api/booking/{path}") for path in paths]


async def late(ask: Callable[[], Awaitable[list[Outcome]]]) -> list[Outcome]:
    """Once it is plain that the database does not answer."""
    await asyncio.sleep(2)
    return await ask()


def turned_away(weak: Any) -> int:
    """How many requests did not even wait for a connection so far, by the service's log."""
    log = (weak.platform.logs / "booking.log").read_text("utf-8", "replace")
    return log.count("too many wait for a connection")


@pytest.mark.parametrize("kind", [*BROKEN, "closing"])
async def test_a_crowd_is_answered_and_does_not_pile_up(weak: Any, kind: str, record_property: Any) -> None:
    user_id = uuid.uuid4()
    assert_answers(await send_all([weak.bookings_request(user_id)]), 200)  # the keys of auth are known
    before = turned_away(weak)
    with weak.postgres.fault(kind):
        first, second, others, _ = await asyncio.gather(
            send_all([weak.bookings_request(user_id) for _ in range(CROWD)]),
            late(lambda: send_all([weak.bookings_request(user_id) for _ in range(CROWD)])),
            late(lambda: send_all(without_data(weak))),
            asyncio.to_thread(weak.misses, "database"),
        )
        assert_answers([*first, *second])
        assert {outcome.status for outcome in (*first, *second)} == {503}
        assert [outcome.status for outcome in others] == [200, 401]
        if kind == "silent":
            most = POOL * 5  # in hand, and waiting for a connection
            assert turned_away(weak) - before >= CROWD - most, "more than so many are refused at once"
        await eventually_async(lambda: weak.figure(IN_FLIGHT) == 1, "nothing but this question is in flight")
        assert weak.connections() <= POOL
        await asyncio.to_thread(weak.misses, "database", "booking-worker")
    await asyncio.to_thread(weak.recovers, "booking", "booking-worker", "booking-beat")
    assert_answers(await send_all([weak.bookings_request(user_id) for _ in range(POOL)]), 200)
    assert weak.connections() <= POOL
    longest = max(outcome.seconds for outcome in (*first, *second))
    record_property(f"database {kind}: the longest of {2 * CROWD} requests, s", round(longest, 1))


@pytest.mark.parametrize("kind", [*BROKEN, "closing", *HARMLESS, "narrow"])
async def test_a_booking_asked_for_until_it_is_answered_is_made_once(weak: Any, venue: Venue, kind: str) -> None:
    wishes = [(uuid.uuid4(), hour, uuid.uuid4().hex) for hour in range(9, 15)]
    made: dict[str, str] = {}

    async def ask_open() -> bool:
        waiting = [body for body in wishes if body[2] not in made]
        outcomes = await send_all([weak.request(user, venue, hour, key) for user, hour, key in waiting])
        assert_answers(outcomes, 201, 409)  # 409: the first attempt still runs
        for (_, _, key), outcome in zip(waiting, outcomes, strict=True):
            if outcome.status == 201 and outcome.answer is not None:
                made[key] = outcome.answer.json()["id"]
        return len(made) == len(wishes)

    with weak.postgres.fault(kind):
        served = await ask_open()
        if kind in (*HARMLESS, "narrow"):
            await eventually_async(ask_open, "every booking is made, if slowly")
        else:
            assert not served
    await eventually_async(ask_open, "every booking is made")
    found = weak.site.sql("SELECT id::text FROM booking.bookings WHERE resource_id = %s", venue.resource_id)
    assert sorted(row[0] for row in found) == sorted(made.values())
    assert weak.site.peak(venue.resource_id) == 1
    empty = "SELECT count(*) FROM booking.outbox"
    eventually(lambda: weak.site.sql(empty)[0][0] == 0, "the outbox is empty")


async def test_a_hold_runs_out_once_when_the_database_was_silent_for_the_worker(weak: Any, venue: Venue) -> None:
    user_id = uuid.uuid4()
    [outcome] = await send_all([weak.request(user_id, venue, 12, uuid.uuid4().hex)])
    assert outcome.status == 201
    assert outcome.answer is not None
    booking_id = outcome.answer.json()["id"]
    with weak.postgres.fault("silent"):
        weak.site.run_out(booking_id)
        await asyncio.to_thread(weak.misses, "database", "booking-worker")
    await eventually_async(lambda: weak.site.history(booking_id)[-1:] == ["expired"], "the worker swept")
    assert weak.site.history(booking_id) == ["held", "expired"]
