"""A change that catalog is about to make: what it would strand, and what may be booked until it is made or not."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from mesto.common.identity.signing import CallerAuth
from mesto.common.settings import CommonSettings
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from support.servers.booking import NO_BROKER, ZONE, Site, Venue, at, project, space_event, start_site, stop_site, wish

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.fixture
def catalog(booking_site: Site, key_folders: Any) -> Iterator[httpx.Client]:
    """Catalog, as far as booking can tell."""
    with caller(booking_site, key_folders, "catalog") as client:
        yield client


def caller(site: Site, key_folders: Any, name: str) -> httpx.Client:
    settings = CommonSettings(internal_key_dir=key_folders.internal_keys(name))
    return httpx.Client(base_url=site.internal, auth=CallerAuth(settings, name, "booking"), timeout=60)


def proposed(event: SpaceChanged) -> dict[str, Any]:
    """The part of a space that a proposal carries."""
    fields = {"time_zone", "opening_hours", "exceptions", "published", "resources"}
    place = event.model_dump(mode="json", include={"address", "location"})
    return event.model_dump(mode="json", include=fields) | {"place": place}


def another(venue: Venue, revision: int = 2, **changes: Any) -> SpaceChanged:
    """The venue's space as it is to be."""
    resource = {"id": str(venue.resource_id), **changes.pop("resource", {})}
    return space_event(revision, venue.space_id, resource=resource, **changes)


def hours(opening: str, closing: str) -> list[dict[str, Any]]:
    return [{"days": WEEK, "open": opening, "close": closing}]


def withdraw(catalog: httpx.Client, venue: Venue, key: uuid.UUID) -> int:
    return catalog.delete(f"/internal/proposals/{venue.space_id}/{key}").status_code


def affected_by(catalog: httpx.Client, venue: Venue, space: dict[str, Any] | None) -> dict[str, Any]:
    answer = catalog.post(f"/internal/proposals/{venue.space_id}/affected", json={"space": space})
    assert answer.status_code == 200, answer.text
    decoded: dict[str, Any] = answer.json()
    return decoded


def propose(
    catalog: httpx.Client,
    venue: Venue,
    event: SpaceChanged | None,
    revision: int = 2,
    key: uuid.UUID | None = None,
    **more: Any,
) -> dict[str, Any]:
    body = {"revision": revision, "space": event and proposed(event), **more}
    answer = catalog.put(f"/internal/proposals/{venue.space_id}/{key or uuid.uuid4()}", json=body)
    assert answer.status_code == 200, answer.text
    decoded: dict[str, Any] = answer.json()
    return decoded


def booked(site: Site, venue: Venue, start: datetime, end: datetime, seats: int = 1) -> str:
    """A confirmed booking."""
    user_id = uuid.uuid4()
    made = site.book(user_id, wish(venue, start, end, seats))
    assert made.status_code == 201, made.text
    assert site.pay(user_id, made.json()["id"]).json()["status"] == "confirmed"
    return str(made.json()["id"])


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_shorter_hours_strand_what_lies_outside_them(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    booked(booking_site, venue, at(10), at(12))
    late = booked(booking_site, venue, at(19), at(21))
    held = booking_site.book(uuid.uuid4(), wish(venue, at(20), at(22))).json()["id"]
    answer = propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")))
    assert (answer["confirmed"], answer["pending"], answer["kept"]) == (1, 1, False)
    assert [booking["booking_id"] for booking in answer["first"]] == [late, held]
    assert datetime.fromisoformat(answer["until"]) == at(22)
    assert booking_site.book(uuid.uuid4(), wish(venue, at(18), at(19))).status_code == 201, "nothing was kept"


async def test_fewer_seats_strand_those_who_came_last(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    booked(booking_site, venue, at(10), at(12))
    second = booked(booking_site, venue, at(11), at(13))
    booked(booking_site, venue, at(12), at(14))  # back to back with the first
    answer = propose(catalog, venue, another(venue, resource={"seats": 1}))
    assert [booking["booking_id"] for booking in answer["first"]] == [second]
    assert propose(catalog, venue, another(venue, resource={"seats": 2}))["confirmed"] == 0


async def test_a_resource_or_the_whole_space_that_goes_strands_all(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    booked(booking_site, venue, at(10), at(12))
    assert propose(catalog, venue, space_event(2, venue.space_id))["confirmed"] == 1
    assert propose(catalog, venue, None)["confirmed"] == 1


async def test_a_move_strands_all_but_those_that_the_space_comes_back_to(
    booking_site: Site, catalog: httpx.Client
) -> None:
    venue = await project(booking_site, space_event())
    first = booked(booking_site, venue, at(10), at(12))
    far = another(venue, address="Тверская улица, 1")
    answer = propose(catalog, venue, far)
    assert (answer["confirmed"], answer["moved"], answer["kept"]) == (1, 1, False)
    pin = another(venue, location={"latitude": 55.80, "longitude": 37.6347})
    assert propose(catalog, venue, pin)["moved"] == 1, "the same address at another place"
    assert propose(catalog, venue, far, accepted=True)["kept"]
    late = booking_site.book(uuid.uuid4(), wish(venue, at(14), at(15)))
    assert refused(late) == "space-changing", "nobody books a place that is about to be another"
    await project(booking_site, far)
    second = booked(booking_site, venue, at(12), at(13))
    answer = propose(catalog, venue, another(venue, 3), 3)
    assert [booking["booking_id"] for booking in answer["first"]] == [second]
    assert booking_site.history(first)[-2:] == ["confirmed", "confirmed"]


async def test_what_was_accepted_is_honoured_and_not_told_of_again(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    mine = booked(booking_site, venue, at(19), at(21))
    shorter = another(venue, opening_hours=hours("08:00", "18:00"))
    answer = propose(catalog, venue, shorter, accepted=True)
    assert (answer["confirmed"], answer["kept"]) == (1, True)
    await project(booking_site, shorter)
    assert booking_site.history(mine)[-1] == "confirmed"
    still = another(venue, 3, opening_hours=hours("09:00", "18:00"))
    assert propose(catalog, venue, still, 3)["confirmed"] == 0
    assert propose(catalog, venue, None, 3)["confirmed"] == 1, "a removal takes what had been honoured, too"


async def test_until_it_is_applied_only_what_both_rules_allow_is_booked(
    booking_site: Site, catalog: httpx.Client
) -> None:
    venue = await project(booking_site, space_event())
    shorter = another(venue, opening_hours=hours("08:00", "18:00"))
    assert propose(catalog, venue, shorter)["kept"]
    user_id, key = uuid.uuid4(), uuid.uuid4().hex
    body = wish(venue, at(18), at(19))
    assert refused(booking_site.book(user_id, body, key)) == "space-changing"
    assert booking_site.book(uuid.uuid4(), wish(venue, at(17), at(18))).status_code == 201
    await project(booking_site, another(venue, 3))  # a later revision, with the old hours
    assert booking_site.book(user_id, body, key).status_code == 201, "the key remembers no passing answer"


async def test_seats_to_come_count_the_whole_peak(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    booked(booking_site, venue, at(10), at(12), seats=2)
    assert propose(catalog, venue, another(venue, resource={"seats": 2}))["kept"]
    assert refused(booking_site.book(uuid.uuid4(), wish(venue, at(11), at(13)))) == "space-changing"
    assert booking_site.book(uuid.uuid4(), wish(venue, at(12), at(14), 2)).status_code == 201
    assert booking_site.peak(venue.resource_id) == 2


async def test_two_proposals_of_one_space_both_count_and_each_goes_alone(
    booking_site: Site, catalog: httpx.Client
) -> None:
    venue = await project(booking_site, space_event())
    early, late = uuid.uuid4(), uuid.uuid4()
    assert propose(catalog, venue, another(venue, opening_hours=hours("10:00", "22:00")), key=early)["kept"]
    assert propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")), key=late)["kept"]
    morning, evening = wish(venue, at(8), at(9)), wish(venue, at(20), at(21))
    assert {refused(booking_site.book(uuid.uuid4(), body)) for body in (morning, evening)} == {"space-changing"}
    for _ in range(2):
        assert withdraw(catalog, venue, early) == 204
    assert booking_site.book(uuid.uuid4(), morning).status_code == 201
    assert refused(booking_site.book(uuid.uuid4(), evening)) == "space-changing"
    withdraw(catalog, venue, late)
    assert booking_site.book(uuid.uuid4(), evening).status_code == 201


async def test_a_proposal_is_forgotten_after_ten_minutes(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    assert propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")))["kept"]
    body = wish(venue, at(20), at(21))
    assert refused(booking_site.book(uuid.uuid4(), body)) == "space-changing"
    booking_site.sql(
        "UPDATE booking.spaces SET proposals = (SELECT jsonb_object_agg(key, value || jsonb_build_object('until',"
        " (value ->> 'until')::timestamptz - interval '10 minutes')) FROM jsonb_each(proposals)) WHERE id = %s",
        venue.space_id,
    )
    assert booking_site.book(uuid.uuid4(), body).status_code == 201


async def test_a_question_keeps_nothing(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    booked(booking_site, venue, at(19), at(21))
    shorter = proposed(another(venue, opening_hours=hours("08:00", "18:00")))
    for space, count in ((shorter, 1), (None, 1), (proposed(another(venue)), 0)):
        answer = affected_by(catalog, venue, space)
        assert (answer["confirmed"], answer["kept"]) == (count, False)
    assert booking_site.book(uuid.uuid4(), wish(venue, at(20), at(21))).status_code == 201


async def test_a_proposal_may_come_before_the_space_itself(booking_site: Site, catalog: httpx.Client) -> None:
    event = space_event(1)
    venue = Venue(event.space_id, event.resources[0].id, event)
    assert propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")))["kept"]
    await project(booking_site, event)
    assert refused(booking_site.book(uuid.uuid4(), wish(venue, at(20), at(21)))) == "space-changing"
    await project(booking_site, another(venue, 2, opening_hours=hours("08:00", "18:00")))
    assert booking_site.book(uuid.uuid4(), wish(venue, at(17), at(18))).status_code == 201


async def test_a_removal_that_is_proposed_ends_with_the_removal(booking_site: Site, catalog: httpx.Client) -> None:
    venue = await project(booking_site, space_event())
    assert propose(catalog, venue, None)["kept"]
    assert refused(booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11)))) == "space-changing"
    removed = SpaceRemoved(space_id=venue.space_id, revision=2)
    await booking_site.with_service(lambda service: service.projections.space_removed(removed))
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 404


async def test_bookings_in_the_making_are_counted_or_refused(booking_site: Site, key_folders: Any) -> None:
    """Renters and a proposal at the same moment: no booking is both uncounted and against the rule to come."""
    settings = CommonSettings(internal_key_dir=key_folders.internal_keys("catalog"))
    auth = CallerAuth(settings, "catalog", "booking")
    for _ in range(5):
        venue = await project(booking_site, space_event(resource={"seats": 40}))
        body = {
            "revision": 2,
            "accepted": True,
            "space": proposed(another(venue, opening_hours=hours("08:00", "09:00"))),
        }
        booking = wish(venue, at(10), at(11))
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=80)) as http:

            async def hold(http: httpx.AsyncClient = http, booking: dict[str, Any] = booking) -> int:
                headers = {**booking_site.auth(uuid.uuid4()), "Idempotency-Key": uuid.uuid4().hex}
                url = f"{booking_site.base}/api/booking/bookings"
                return (await http.post(url, json=booking, headers=headers)).status_code

            address = f"{booking_site.internal}/internal/proposals/{venue.space_id}/{uuid.uuid4()}"
            holds = [asyncio.create_task(hold()) for _ in range(30)]
            await asyncio.wait(holds[:5], return_when=asyncio.FIRST_COMPLETED)
            counted = (await http.put(address, json=body, auth=auth)).json()
            statuses = await asyncio.gather(*holds)
        assert set(statuses) <= {201, 409}
        assert statuses.count(201) == counted["pending"] > 0


async def test_a_killed_process_forgets_no_proposal(
    fresh_database_urls: Any, booking_signer: Any, key_folders: Any, tmp_path: Path
) -> None:
    databases = fresh_database_urls.admin, fresh_database_urls["booking"]
    first = start_site(*databases, booking_signer, key_folders, tmp_path, NO_BROKER)
    venue = await project(first, space_event())
    with caller(first, key_folders, "catalog") as catalog:
        assert propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")))["kept"]
    first.process.kill()
    stop_site(first)
    second = start_site(*databases, booking_signer, key_folders, tmp_path, NO_BROKER)
    try:
        assert refused(second.book(uuid.uuid4(), wish(venue, at(20), at(21)))) == "space-changing"
        assert second.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 201
    finally:
        stop_site(second)


@pytest.mark.parametrize("name", ["operator", "cli", "geo"])
async def test_only_catalog_may_propose(booking_site: Site, key_folders: Any, name: str) -> None:
    with caller(booking_site, key_folders, name) as stranger:
        path = f"/internal/proposals/{uuid.uuid4()}"
        answers = [
            stranger.put(f"{path}/{uuid.uuid4()}", json={"revision": 1, "space": None}),
            stranger.delete(f"{path}/{uuid.uuid4()}"),
            stranger.post(f"{path}/affected", json={"space": None}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 3


async def test_a_payment_that_comes_late_takes_no_seat_against_the_rule_to_come(
    booking_site: Site, catalog: httpx.Client
) -> None:
    venue, user_id = await project(booking_site, space_event()), uuid.uuid4()
    booking = booking_site.book(user_id, wish(venue, at(20), at(21))).json()["id"]
    started = booking_site.post(user_id, f"/bookings/{booking}/payments", {"provider": "sandbox"}).json()
    booking_site.run_out(booking)
    await booking_site.with_service(lambda service: service.lifecycle.sweep())
    assert booking_site.history(booking)[-1] == "expired"
    assert propose(catalog, venue, another(venue, opening_hours=hours("08:00", "18:00")))["kept"]
    booking_site.http.post(started["redirect_url"], json={"outcome": "succeeded"}, headers=booking_site.auth(user_id))
    assert booking_site.history(booking)[-1] == "expired"
    assert datetime.now(ZONE) + timedelta(days=1) < at(20), "and not because its time was over"
