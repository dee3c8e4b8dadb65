"""Spaces and people as booking learns of them: out of order, repeated, changed under accepted bookings."""

from __future__ import annotations

import json
import uuid
from typing import Any

from mesto.booking.bootstrap import BookingService
from mesto.contracts.events import SpaceRemoved, UserRemoved
from mesto.contracts.policy import BookingSection, HoldBudget, VerifiedHolds
from support.servers.booking import Site, Venue, at, know_owner, project, space_event, wish


def again(venue: Venue, revision: int, **changes: Any) -> Any:
    """The same space and resource in another revision."""
    resource = {"id": str(venue.resource_id), **changes.pop("resource", {})}
    return space_event(revision, venue.space_id, resource=resource, **changes)


def answers(site: Site, venue: Venue) -> list[tuple[int, str, str]]:
    rows = site.sql("SELECT body FROM booking.outbox WHERE type = 'space.applied' ORDER BY id")
    found = [json.loads(body)["payload"] for (body,) in rows]
    return [
        (event["revision"], event["outcome"], event["reason"])
        for event in found
        if event["space_id"] == str(venue.space_id)
    ]


def used(site: Site, venue: Venue) -> list[tuple[Any, ...]]:
    return site.sql(
        "SELECT start, used, seats FROM booking.slots WHERE resource_id = %s ORDER BY start", venue.resource_id
    )


async def test_older_and_repeated_revisions_change_nothing(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(5, resource={"seats": 5}))
    for revision in (5, 4, 1):
        await project(booking_site, again(venue, revision, resource={"seats": 1}))
    seats = booking_site.sql("SELECT seats FROM booking.resources WHERE id = %s", venue.resource_id)
    assert seats == [(5,)]
    assert answers(booking_site, venue) == [(5, "applied", "Applied")]


async def test_what_makes_no_sense_is_refused_and_the_old_stays(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    await project(booking_site, again(venue, 2, time_zone="Mars/Olympus"))
    assert answers(booking_site, venue) == [
        (1, "applied", "Applied"),
        (2, "refused", "UnknownTimeZone"),
    ]
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 201
    first = await project(booking_site, space_event(time_zone="Mars/Olympus"))
    assert answers(booking_site, first) == [(1, "refused", "UnknownTimeZone")]


def verdicts(site: Site, venue: Venue) -> list[tuple[int, Any]]:
    rows = site.sql("SELECT body FROM booking.outbox WHERE type = 'space.applied' ORDER BY id")
    found = [json.loads(body)["payload"] for (body,) in rows]
    mine = [event for event in found if event["space_id"] == str(venue.space_id)]
    numbers = [event["sequence"] for event in mine if event["bookable"]]
    assert numbers == sorted(set(numbers))
    return [(event["revision"], event["bookable"] and event["bookable"]["reason"]) for event in mine]


async def test_the_answer_says_whether_a_renter_can_book(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    await project(booking_site, again(venue, 2, resource={"slot_minutes": 900, "min_duration_minutes": None}))
    await project(booking_site, again(venue, 3, published=False))
    assert verdicts(booking_site, venue) == [(1, "Bookable"), (2, "NothingFits"), (3, None)]
    told = await booking_site.with_service(
        lambda service: service.verdicts.snapshot_applied(None, 100, [venue.space_id])
    )
    assert [(event.revision, event.sequence, event.bookable) for event in told] == [(3, 0, None)], (
        "as the event said it"
    )


async def test_what_time_alone_changes_is_told_for_the_same_revision(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    due = "UPDATE booking.spaces SET bookable_due = now() WHERE id = %s"
    booking_site.sql(due, venue.space_id)
    await booking_site.with_service(lambda service: service.verdicts.renew())
    assert len(verdicts(booking_site, venue)) == 1, "nothing has changed"
    booking_site.sql(
        "UPDATE booking.spaces SET opening_hours = '[]', bookable_due = now() WHERE id = %s", venue.space_id
    )
    await booking_site.with_service(lambda service: service.verdicts.renew())
    assert verdicts(booking_site, venue) == [(1, "Bookable"), (1, "NoOpeningHours")]
    later = booking_site.sql("SELECT bookable_due > now() FROM booking.spaces WHERE id = %s", venue.space_id)
    assert later == [(True,)], "when the next date begins"


async def test_a_verdict_follows_the_platforms_policy(booking_site: Site) -> None:
    long = {"min_duration_minutes": 40 * 60, "max_duration_minutes": None}
    always = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "00:00", "close": "24:00"}]
    venue = await project(booking_site, space_event(opening_hours=always, resource=long))

    async def by(policy: BookingSection) -> list[tuple[int, Any]]:
        async def work(service: BookingService) -> None:
            await service.verdicts.apply_policy(BookingSection())
            await service.verdicts.apply_policy(policy)
            while await service.verdicts.renew():
                pass

        await booking_site.with_service(work, policy)
        return verdicts(booking_site, venue)

    little = HoldBudget(verified=VerifiedHolds(seat_hours_per_space=39))
    assert await by(BookingSection(hold_budget=little)) == [(1, "Bookable"), (1, "NothingFits")]
    unlimited = HoldBudget(verified=VerifiedHolds(seat_hours_per_space=0))
    assert (await by(BookingSection(hold_budget=unlimited)))[2:] == [(1, "Bookable")]


async def test_removed_and_unpublished_take_no_new_bookings(booking_site: Site) -> None:
    venue, user_id = await project(booking_site, space_event()), uuid.uuid4()
    booking = booking_site.book(user_id, wish(venue, at(10), at(11))).json()
    await project(booking_site, again(venue, 2, published=False))
    refused = booking_site.book(user_id, wish(venue, at(12), at(13)))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "not-bookable")
    path = f"/api/booking/resources/{venue.resource_id}/availability"
    span = {"from": at(0).isoformat(), "to": at(24).isoformat()}
    assert {slot["reason"] for slot in booking_site.http.get(path, params=span).json()["slots"]} == {"unpublished"}
    removed = SpaceRemoved(space_id=venue.space_id, revision=3)
    for _ in range(2):
        await booking_site.with_service(lambda service: service.projections.space_removed(removed))
    assert booking_site.http.get(path, params=span).status_code == 404
    assert booking_site.book(user_id, wish(venue, at(12), at(13))).status_code == 404
    assert booking_site.pay(user_id, booking["id"]).json()["status"] == "confirmed", "what was accepted stays"
    assert answers(booking_site, venue)[-1] == (3, "applied", "Applied")
    assert len(answers(booking_site, venue)) == 3


async def test_a_removal_that_overtakes_the_space_wins(booking_site: Site) -> None:
    event = space_event(1)
    removed = SpaceRemoved(space_id=event.space_id, revision=2)
    await booking_site.with_service(lambda service: service.projections.space_removed(removed))
    venue = await project(booking_site, event)
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 404


async def test_fewer_seats_honour_what_was_accepted(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 3}))
    people = [uuid.uuid4() for _ in range(3)]
    made = [booking_site.book(user_id, wish(venue, at(10), at(11))).json()["id"] for user_id in people]
    await project(booking_site, again(venue, 2, resource={"seats": 1}))
    assert [row[1:] for row in used(booking_site, venue)] == [(3, 3)]
    for cancelled, left in enumerate((2, 1)):
        assert booking_site.post(people[cancelled], f"/bookings/{made[cancelled]}/cancel").status_code == 200
        assert [row[1:] for row in used(booking_site, venue)] == [(left, left)]
        assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 409
    booking_site.post(people[2], f"/bookings/{made[2]}/cancel")
    assert [row[1:] for row in used(booking_site, venue)] == [(0, 1)]
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 201


async def test_another_unit_rebuilds_the_counters(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 1}))
    user_id = uuid.uuid4()
    booking = booking_site.book(user_id, wish(venue, at(10), at(12))).json()
    assert len(used(booking_site, venue)) == 2
    await project(booking_site, again(venue, 2, resource={"seats": 1, "slot_minutes": 30, "buffer_minutes": 15}))
    assert len(used(booking_site, venue)) == 8, "quarters of an hour"
    overlapping = wish(venue, at(11, minute=30), at(12, minute=30))
    assert booking_site.book(uuid.uuid4(), overlapping).status_code == 409
    before = wish(venue, at(9), at(10))
    assert booking_site.book(uuid.uuid4(), before).status_code == 409, "its buffer would reach into the booking"
    assert booking_site.book(uuid.uuid4(), wish(venue, at(12), at(13))).status_code == 201
    assert booking_site.post(user_id, f"/bookings/{booking['id']}/cancel").status_code == 200
    assert booking_site.book(uuid.uuid4(), before).status_code == 201


async def test_a_buffer_keeps_its_time_free(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 1, "buffer_minutes": 60}))
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 201
    assert booking_site.book(uuid.uuid4(), wish(venue, at(11), at(12))).status_code == 409
    assert booking_site.book(uuid.uuid4(), wish(venue, at(12), at(13))).status_code == 201


async def test_a_resource_no_longer_declared(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    await project(booking_site, space_event(2, venue.space_id))
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 404
    await project(booking_site, again(venue, 3))
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).status_code == 201


async def test_a_booking_keeps_what_it_was_made_for_and_tells_of_a_move(booking_site: Site) -> None:
    venue, user_id = await project(booking_site, space_event()), uuid.uuid4()
    body = wish(venue, at(10), at(11))
    booking = booking_site.book(user_id, body).json()
    gone = booking_site.book(user_id, wish(venue, at(12), at(13))).json()
    booking_site.post(user_id, f"/bookings/{gone['id']}/cancel")
    booking_site.pay(user_id, booking["id"])

    def booking_changes() -> list[tuple[str, str, str | None, str]]:
        rows = booking_site.sql("SELECT body FROM booking.outbox WHERE type = 'booking.changed' ORDER BY id")
        events = [json.loads(row)["payload"] for (row,) in rows]
        mine = [event for event in events if event["booking"]["space_id"] == str(venue.space_id)]
        return [
            (event["booking"]["id"], event["cause"], event["booking"]["moved_to"], event["user_id"]) for event in mine
        ]

    def shown() -> tuple[str, str, str | None]:
        now = booking_site.get(user_id, f"/bookings/{booking['id']}").json()
        return now["space_title"], now["address"], now["moved_to"]

    await project(booking_site, again(venue, 2, title={"en": "Another"}, opening_hours=venue.event.opening_hours))
    assert (booking_changes(), shown()) == ([], ("Loft", "Мясницкая улица, 13", None))
    there = {"address": "Тверская улица, 1", "location": {"latitude": 55.7576, "longitude": 37.6136}}
    for _ in range(2):
        await project(booking_site, again(venue, 3, **there))
    renter = str(user_id)
    # Once, and nobody whose booking is over.
    assert booking_changes() == [(booking["id"], "space_moved", "Тверская улица, 1", renter)]
    assert shown() == ("Loft", "Мясницкая улица, 13", "Тверская улица, 1")
    fresh = booking_site.book(user_id, body).json()
    assert (fresh["address"], fresh["moved_to"]) == ("Тверская улица, 1", None)
    await project(booking_site, again(venue, 4))
    assert set(booking_changes()[1:]) == {
        (booking["id"], "space_moved", None, renter),
        (fresh["id"], "space_moved", "Мясницкая улица, 13", renter),
    }
    assert booking_site.history(booking["id"]) == ["held", "confirmed", "confirmed", "confirmed"]
    assert booking_site.post(user_id, f"/bookings/{booking['id']}/cancel").json()["status"] == "cancelled"


async def test_the_account_that_catalog_names_owns_it_whatever_its_address_is_by_now(booking_site: Site) -> None:
    email = f"{uuid.uuid4().hex}@example.org"
    owner, later_holder = [await know_owner(booking_site, of) for of in (f"{uuid.uuid4().hex}@example.org", email)]
    event = space_event(owner_email=email, owner_id=str(owner), owner_decided=True)
    venue = await project(booking_site, event)
    made = booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).json()

    def sees(user_id: uuid.UUID) -> tuple[int, list[str]]:
        listed = booking_site.get(user_id, "/bookings", **{"as": "owner"}).json()["items"]
        return booking_site.get(user_id, f"/bookings/{made['id']}").status_code, [item["id"] for item in listed]

    assert sees(owner) == (200, [made["id"]])
    assert sees(later_holder) == (404, [])
    nobodys = event.model_copy(update={"revision": 2, "owner_id": None})
    await project(booking_site, nobodys)
    assert sees(owner) == sees(later_holder) == (404, []), "nobody inherits it by the address"
    await project(booking_site, nobodys.model_copy(update={"revision": 3, "owner_id": later_holder}))
    assert sees(later_holder) == (200, [made["id"]])
    undecided = nobodys.model_copy(update={"revision": 4, "owner_id": owner, "owner_decided": False})
    await project(booking_site, undecided)
    assert sees(later_holder) == (200, [made["id"]]), "until it is decided the address counts"
    assert sees(owner) == (404, [])


async def test_a_person_who_left_owns_nothing(booking_site: Site) -> None:
    email = f"{uuid.uuid4().hex}@example.org"
    venue = await project(booking_site, space_event(owner_email=email))
    owner_id = await know_owner(booking_site, email)
    booking = booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11))).json()
    assert booking_site.get(owner_id, f"/bookings/{booking['id']}").status_code == 200
    gone = UserRemoved(user_id=owner_id, revision=2)
    await booking_site.with_service(lambda service: service.users.user_removed(gone))
    assert booking_site.get(owner_id, f"/bookings/{booking['id']}").status_code == 404
