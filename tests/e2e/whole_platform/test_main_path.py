"""The main job without a browser: apply, find, hold, pay, be told live and by mail; and its guards over the gateway."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import socketio
from support.clients.people import Person, book, day_from_now, pay, register
from support.clients.spaces import conditions, declare, dump, is_ready, space
from support.servers.platform import Platform
from support.waiting import eventually


@pytest.fixture(scope="module")
def loft(platform: Platform) -> dict[str, Any]:
    """A space of three hourly seats, Ready."""
    namespace = platform.namespace("main-path")
    declare(platform, namespace, space("main-path-loft"))
    found: dict[str, Any] = httpx.get(f"{platform.gateway}/api/catalog/spaces/main-path-loft", timeout=15).json()
    return found


@pytest.fixture
def day() -> str:
    return day_from_now(7)


def at(day: str, hour: int) -> str:
    return f"{day}T{hour:02d}:00:00+03:00"


def test_a_booking_is_held_paid_confirmed_told_live_and_mailed(
    platform: Platform, loft: dict[str, Any], day: str
) -> None:
    renter = register(platform.gateway, language="ru")
    stranger = register(platform.gateway)
    heard: list[dict[str, Any]] = []
    overheard: list[dict[str, Any]] = []
    with socketio.SimpleClient() as mine, socketio.SimpleClient() as theirs:
        for client, person in ((mine, renter), (theirs, stranger)):
            client.connect(platform.gateway, socketio_path="/api/notifications/socket.io", auth={"token": person.token})
        mine.client.on("booking.updated", heard.append)
        theirs.client.on("booking.updated", overheard.append)
        held = book(renter, loft["resources"][0]["id"], at(day, 10), at(day, 12), seats=2)
        assert held.status_code == 201, held.text
        booking = held.json()
        assert (booking["status"], booking["total"]) == ("held", {"amount": "1000.00", "currency": "RUB"})
        assert pay(renter, booking["id"]).status_code == 200
        eventually(lambda: [event["status"] for event in heard] == ["held", "confirmed"], "held and confirmed, live")
    assert not overheard
    mail = eventually(lambda: platform.mailbox.of_bookings(renter.email), f"a mail to {renter.email}")
    assert "Лофт на Чистых прудах" in mail[0].text
    assert len(mail) == 1
    assert not platform.mailbox.of_bookings(stranger.email)


def test_an_owner_may_nothing_before_the_mailed_link_is_opened(platform: Platform, loft: dict[str, Any]) -> None:
    owner = register(platform.gateway, role="owner", language="ru")
    address = f"/api/catalog/spaces/{loft['id']}/settings"
    refused = owner.http.get(address)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "email-unverified")
    [link] = eventually(lambda: platform.mailbox.links(owner.email), f"a link to {owner.email}")
    assert link.startswith(f"{platform.gateway}/verify?token=")
    elsewhere = httpx.Client(base_url=platform.gateway, timeout=15, trust_env=False)
    for status in (204, 410):
        answer = elsewhere.post("/api/auth/verify", json={"token": link.partition("=")[2]})
        assert answer.status_code == status, answer.text
    refresh(owner)  # the token of before ends, the session does not: nobody has to sign in again
    refused = owner.http.get(address)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "forbidden")


def refresh(person: Person) -> None:
    """Take the session's next token, as a page does whose token is refused."""
    answer = person.http.post("/api/auth/refresh")
    assert answer.status_code == 200, answer.text
    person.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def test_a_renter_whom_a_resource_names_finds_the_space_and_becomes_its_owner(platform: Platform) -> None:
    namespace, renter = platform.namespace("owners"), register(platform.gateway)
    declare(platform, namespace, space("named-loft", owner={"email": renter.email}))

    def claimed() -> bool | None:
        [resource] = platform.resources("cws", namespace)
        found: bool | None = resource["status"].get("owner", {}).get("claimed")
        return found

    assert claimed() is False
    [link] = eventually(lambda: platform.mailbox.links(renter.email), f"a link to {renter.email}")
    assert renter.http.post("/api/auth/verify", json={"token": link.partition("=")[2]}).status_code == 204
    eventually(claimed, "the resource to say that its space has an owner")

    def is_owner() -> bool:
        refresh(renter)
        return "owner" in renter.http.get("/api/auth/me").json()["roles"]

    eventually(is_owner, "the renter to be an owner, too")
    [found] = renter.http.get("/api/catalog/owned-spaces").json()["items"]
    assert found["slug"] == "named-loft"
    assert renter.http.get(f"/api/catalog/spaces/{found['id']}/settings").status_code == 200
    assert renter.http.get("/api/booking/bookings", params={"as": "owner"}).json()["items"] == []


def test_cancelling_in_time_gives_the_money_back_and_frees_the_seats(
    platform: Platform, loft: dict[str, Any], day: str
) -> None:
    renter = register(platform.gateway)
    resource = loft["resources"][0]["id"]
    booking = book(renter, resource, at(day, 14), at(day, 15), seats=3).json()
    pay(renter, booking["id"])
    full = book(register(platform.gateway), resource, at(day, 14), at(day, 15))
    assert full.status_code == 409
    assert full.json()["type"].endswith("/no-capacity")
    cancelled = renter.http.post(f"/api/booking/bookings/{booking['id']}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["status"] == "cancelled"
    assert cancelled.json()["refund"] == {"amount": "750.00", "currency": "RUB"}
    assert book(register(platform.gateway), resource, at(day, 14), at(day, 15)).status_code == 201


def test_sixty_clients_race_for_three_seats(platform: Platform, loft: dict[str, Any], day: str) -> None:
    people = [register(platform.gateway) for _ in range(12)]
    resource = loft["resources"][0]["id"]

    def attempt(number: int) -> int:
        return book(people[number % len(people)], resource, at(day, 16), at(day, 17)).status_code

    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(attempt, range(60)))
    assert sorted(set(answers)) == [201, 409]
    assert answers.count(201) == 3


def test_one_idempotency_key_is_one_booking(platform: Platform, loft: dict[str, Any], day: str) -> None:
    renter = register(platform.gateway)
    resource, key = loft["resources"][0]["id"], uuid.uuid4().hex
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: book(renter, resource, at(day, 18), at(day, 19), key=key), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(renter.http.get("/api/booking/bookings").json()["items"]) == 1
    other = book(renter, resource, at(day, 19), at(day, 20), key=key)
    assert other.status_code == 422, other.text


def test_a_space_that_is_not_published_is_neither_found_nor_bookable(platform: Platform) -> None:
    namespace = platform.namespace("unpublished")
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space("hidden-loft", published=False)))

    def settled() -> dict[str, Any]:
        found = platform.resource("cws", "hidden-loft", namespace)
        assert is_ready(found)
        return conditions(found)

    bookable = eventually(settled, "hidden-loft is Ready")["Bookable"]
    assert (bookable["status"], bookable["reason"]) == ("False", "Unpublished")
    assert httpx.get(f"{platform.gateway}/api/catalog/spaces/hidden-loft", timeout=15).status_code == 404


@pytest.mark.parametrize(("policy", "status"), [("Retain", 404), ("Delete", 404)])
def test_a_deleted_resource_takes_its_space_off_the_list(platform: Platform, policy: str, status: int) -> None:
    namespace = platform.namespace(f"deletion-{policy.lower()}")
    name = f"leaving-{policy.lower()}"
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space(name, deletionPolicy=policy)))
    url = f"{platform.gateway}/api/catalog/spaces/{name}"
    eventually(lambda: httpx.get(url, timeout=15).status_code == 200, f"{name} is on the list")
    before = httpx.get(url, timeout=15).json()["id"]
    platform.delete("cws", name, namespace)
    assert httpx.get(url, timeout=15).status_code == status
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space(name)))
    eventually(lambda: httpx.get(url, timeout=15).status_code == 200, f"{name} is back")
    after = httpx.get(url, timeout=15).json()["id"]
    assert (after == before) == (policy == "Retain")
