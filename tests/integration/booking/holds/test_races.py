"""Many want the same at once: the last seats, and the same request twenty times."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from typing import Any

import httpx
import psycopg
import pytest
from support.servers.booking import Site, Venue, at, project, space_event, start_site, stop_site, wish

SEATS = 3
CLIENTS = 60


async def race(site: Site, venue: Venue) -> Counter[tuple[int, str]]:
    """60 renters want one seat of one hour at the same time: how often which answer came."""
    body = wish(venue, at(10), at(11))
    people = [uuid.uuid4() for _ in range(CLIENTS)]
    async with httpx.AsyncClient(base_url=site.base, timeout=60, limits=httpx.Limits(max_connections=80)) as http:

        async def hold(user_id: uuid.UUID) -> tuple[int, str]:
            headers = {**site.auth(user_id), "Idempotency-Key": uuid.uuid4().hex}
            answer = await http.post("/api/booking/bookings", json=body, headers=headers)
            return answer.status_code, str(answer.json().get("type", "")).rpartition("/")[2]

        return Counter(await asyncio.gather(*(hold(user_id) for user_id in people)))


def check_fair(site: Site, venue: Venue, answers: Counter[tuple[int, str]]) -> None:
    """Exactly the seats that there are were given, and everybody else was told so."""
    assert answers == {(201, ""): SEATS, (409, "no-capacity"): CLIENTS - SEATS}
    assert site.peak(venue.resource_id) == SEATS


async def test_sixty_clients_race_for_three_seats(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    check_fair(booking_site, venue, await race(booking_site, venue))


async def test_without_the_constraint_the_race_oversells(
    fresh_database_urls: Any, booking_signer: Any, key_folders: Any, tmp_path: Any
) -> None:
    with psycopg.connect(fresh_database_urls.admin, autocommit=True) as connection:
        connection.execute("ALTER TABLE booking.slots DROP CONSTRAINT ck_slots_capacity")
    site = start_site(fresh_database_urls.admin, fresh_database_urls["booking"], booking_signer, key_folders, tmp_path)
    try:
        venue = await project(site, space_event())
        answers = await race(site, venue)
        with pytest.raises(AssertionError):
            check_fair(site, venue, answers)
        assert site.peak(venue.resource_id) > SEATS
    finally:
        stop_site(site)


async def test_wider_and_narrower_wishes_race_without_deadlock_or_overselling(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    bodies = [
        wish(venue, at(8 + start), at(8 + start + length), seats)
        for start in range(6)
        for length in (1, 2, 3, 4)
        for seats in (1, 2)
    ]
    async with httpx.AsyncClient(base_url=booking_site.base, timeout=60) as http:

        async def hold(body: dict[str, Any]) -> int:
            headers = {**booking_site.auth(uuid.uuid4()), "Idempotency-Key": uuid.uuid4().hex}
            return (await http.post("/api/booking/bookings", json=body, headers=headers)).status_code

        answers = Counter(await asyncio.gather(*(hold(body) for body in bodies)))
    assert set(answers) == {201, 409}
    assert booking_site.peak(venue.resource_id) <= SEATS


async def test_back_to_back_bookings_do_not_add_up(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 2}))
    for hour in range(10, 14):
        assert booking_site.book(uuid.uuid4(), wish(venue, at(hour), at(hour + 1))).status_code == 201
    # Four bookings lie inside 10-14, but never more than one seat is used: the peak counts, not the sum.
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(14))).status_code == 201
    assert booking_site.book(uuid.uuid4(), wish(venue, at(9), at(15))).status_code == 409


async def test_one_key_twenty_requests_one_booking_one_answer(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    user_id, key, body = uuid.uuid4(), uuid.uuid4().hex, wish(venue, at(10), at(12))
    headers = {**booking_site.auth(user_id), "Idempotency-Key": key}
    async with httpx.AsyncClient(base_url=booking_site.base, timeout=60) as http:
        posts = (http.post("/api/booking/bookings", json=body, headers=headers) for _ in range(20))
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    count = booking_site.sql("SELECT count(*) FROM booking.bookings WHERE user_id = %s", user_id)
    assert count == [(1,)]
    assert booking_site.peak(venue.resource_id) == 1

    other = booking_site.book(user_id, {**body, "seats": 2}, key)
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert booking_site.book(uuid.uuid4(), body, key).status_code == 201, "a key is its user's own"


async def test_a_refusal_is_replayed_with_the_id_of_the_request_that_it_answers_now(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 1}))
    first = booking_site.book(uuid.uuid4(), wish(venue, at(14), at(15))).json()
    user_id, key = uuid.uuid4(), uuid.uuid4().hex
    refused = booking_site.book(user_id, wish(venue, at(14), at(15)), key)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "The 14:00 slot was just taken. 15:00 is free."
    assert refused.json()["alternative"] == {"start": at(15).isoformat(), "end": at(16).isoformat()}
    assert [slot["start"] for slot in refused.json()["taken"]] == [at(14).isoformat()]
    booking_site.run_out(first["id"])
    again = booking_site.book(user_id, wish(venue, at(14), at(15)), key)
    assert again.status_code == 409
    assert again.json() == {**refused.json(), "request_id": again.headers["x-request-id"]}
    assert again.headers["x-request-id"] != refused.headers["x-request-id"]
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["idempotent-replayed"] == "true"
    assert booking_site.book(user_id, wish(venue, at(14), at(15))).status_code == 201


async def test_no_more_than_twenty_holds_even_at_once(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 100}))
    user_id, body = uuid.uuid4(), wish(venue, at(10), at(11))
    async with httpx.AsyncClient(base_url=booking_site.base, timeout=60) as http:

        async def hold() -> int:
            headers = {**booking_site.auth(user_id), "Idempotency-Key": uuid.uuid4().hex}
            return (await http.post("/api/booking/bookings", json=body, headers=headers)).status_code

        answers = Counter(await asyncio.gather(*(hold() for _ in range(24))))
    assert answers == {201: 20, 429: 4}
    refused = booking_site.book(user_id, body)
    assert refused.json()["type"].endswith("/hold-budget")
    assert (refused.json()["limit"], refused.json()["most"]) == ("open_holds", 20)
    assert 0 < int(refused.headers["retry-after"]) <= 30 * 60
