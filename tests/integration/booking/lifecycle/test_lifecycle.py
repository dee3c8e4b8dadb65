"""What happens to a booking after it was made, over HTTP: cancelling, approving, running out, and who sees it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from mesto.contracts.events import SpaceRemoved
from support.servers.booking import Site, at, held, know_owner, policy, project, slug, space_event, wish


async def test_a_free_request_that_nobody_answers_is_declined(booking_site: Site) -> None:
    free = [{"per": "hour", "amount": "0", "currency": "JPY"}]
    venue = await project(booking_site, space_event(resource={"prices": free}, policy=policy("owner")))
    user_id = uuid.uuid4()
    booking = booking_site.book(user_id, wish(venue, at(10), at(12))).json()
    assert booking["total"] == {"amount": "0", "currency": "JPY"}
    booking_site.sql("UPDATE booking.bookings SET due_at = now() WHERE id = %s", booking["id"])
    await booking_site.with_service(lambda service: service.lifecycle.sweep())
    assert booking_site.get(user_id, f"/bookings/{booking['id']}").json()["status"] == "declined"


@pytest.mark.parametrize(("day", "percent", "refund"), [(3, 50, "250.00"), (0, 0, "0.00")])
async def test_a_renters_cancellation_follows_the_tiers(
    booking_site: Site, day: int, percent: int, refund: str
) -> None:
    user_id = uuid.uuid4()
    venue, booking = await held(booking_site, user_id)
    assert booking_site.pay(user_id, booking["id"]).status_code == 200
    if day == 0:  # half an hour is left
        booking_site.sql(
            "UPDATE booking.bookings SET starts_at = now() + interval '30 minutes' WHERE id = %s", booking["id"]
        )
        booking_site.sql("DELETE FROM booking.slots WHERE resource_id = %s", venue.resource_id)
    preview = booking_site.get(user_id, f"/bookings/{booking['id']}/cancellation").json()
    assert (preview["refund_percent"], preview["refund"]["amount"]) == (percent, refund)
    assert (preview["paid"]["amount"], preview["cancellable"]) == ("500.00", True)
    for _ in range(2):
        cancelled = booking_site.post(user_id, f"/bookings/{booking['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
        assert cancelled.json()["refund"] == {"amount": refund, "currency": "RUB"}
    assert booking_site.events(booking["id"]) == ["booking.held", "booking.confirmed", "booking.cancelled"]
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(12))).status_code == 201


async def test_an_owner_gives_everything_back(booking_site: Site) -> None:
    user_id, owner_id = uuid.uuid4(), await know_owner(booking_site, "owner@example.org")
    _, booking = await held(booking_site, user_id)
    booking_site.pay(user_id, booking["id"])
    cancelled = booking_site.post(owner_id, f"/bookings/{booking['id']}/cancel").json()
    assert (cancelled["status"], cancelled["refund"]["amount"]) == ("cancelled", "500.00")
    seen = booking_site.get(user_id, f"/bookings/{booking['id']}").json()
    assert [(booking["ended_by"], booking["mine"]) for booking in (cancelled, seen)] == [
        ("owner", False),
        ("owner", True),
    ]
    states = booking_site.sql("SELECT status FROM booking.payments WHERE booking_id = %s", booking["id"])
    assert states == [("refunded",)]


async def test_an_unpaid_hold_is_cancelled_without_a_refund(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    venue, booking = await held(booking_site, user_id)
    cancelled = booking_site.post(user_id, f"/bookings/{booking['id']}/cancel").json()
    assert (cancelled["status"], cancelled["refund"]) == ("cancelled", None)
    assert booking_site.peak(venue.resource_id) == 0
    assert booking_site.sql("SELECT sum(used) FROM booking.slots WHERE resource_id = %s", venue.resource_id) == [(0,)]


async def test_the_owner_approves_or_declines(booking_site: Site) -> None:
    user_id, owner_id = (
        uuid.uuid4(),
        await know_owner(booking_site, "OWNER@exa\N{FULLWIDTH LATIN SMALL LETTER M}ple.org"),
    )
    for verb, status, refund in (("approve", "confirmed", None), ("decline", "declined", "500.00")):
        venue, booking = await held(booking_site, user_id, "owner")
        paid = booking_site.pay(user_id, booking["id"]).json()
        assert paid["status"] == "awaiting_approval"
        left = datetime.fromisoformat(paid["expires_at"]) - datetime.now(UTC)
        assert timedelta(hours=23) < left <= timedelta(hours=24)
        assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(12))).status_code == 409, "the seat is kept"
        assert booking_site.post(user_id, f"/bookings/{booking['id']}/{verb}").status_code == 403
        assert booking_site.post(uuid.uuid4(), f"/bookings/{booking['id']}/{verb}").status_code == 404
        for _ in range(2):
            answered = booking_site.post(owner_id, f"/bookings/{booking['id']}/{verb}")
            assert (answered.status_code, answered.json()["status"]) == (200, status)
        assert (answered.json()["refund"] or {}).get("amount") == refund
        assert booking_site.events(booking["id"]) == ["booking.held", "booking.awaiting_approval", f"booking.{status}"]
        listed = booking_site.get(owner_id, "/bookings", **{"as": "owner", "status": status}).json()["items"]
        assert (booking["id"], False) in [(item["id"], item["mine"]) for item in listed]
        assert booking_site.get(user_id, f"/bookings/{booking['id']}").json()["mine"] is True
        told = booking_site.get(owner_id, f"/bookings/{booking['id']}").json()
        assert (told["mine"], told["ended_by"]) == (False, "owner" if verb == "decline" else None)


async def test_requests_of_a_removed_space_are_listed_to_its_owner_until_they_are_answered(booking_site: Site) -> None:
    user_id, owner_id = uuid.uuid4(), await know_owner(booking_site, "owner@example.org")
    venue, booking = await held(booking_site, user_id, "owner")
    assert booking_site.pay(user_id, booking["id"]).json()["status"] == "awaiting_approval"
    gone = SpaceRemoved(space_id=venue.space_id, revision=2)
    await booking_site.with_service(lambda service: service.projections.space_removed(gone))
    for status in ("awaiting_approval", "confirmed"):
        for query in ({}, {"status": status}):
            listed = booking_site.get(owner_id, "/bookings", **{"as": "owner", **query}).json()["items"]
            assert booking["id"] in [item["id"] for item in listed]
        assert booking_site.post(owner_id, f"/bookings/{booking['id']}/approve").status_code == 200


async def test_the_sweeper_does_what_is_due_once(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    _, hold = await held(booking_site, user_id)
    _, asked = await held(booking_site, user_id, "owner")
    _, ended = await held(booking_site, user_id)
    booking_site.pay(user_id, asked["id"])
    booking_site.pay(user_id, ended["id"])
    for booking in (hold, asked, ended):
        booking_site.sql("UPDATE booking.bookings SET due_at = now() - interval '1 s' WHERE id = %s", booking["id"])
    for _ in range(2):
        await booking_site.with_service(lambda service: service.lifecycle.sweep())
    got = [booking_site.get(user_id, f"/bookings/{booking['id']}").json() for booking in (hold, asked, ended)]
    assert [booking["status"] for booking in got] == ["expired", "declined", "completed"]
    assert [booking["ended_by"] for booking in got] == ["time", "time", None]
    assert got[1]["refund"]["amount"] == "500.00"
    assert booking_site.events(hold["id"]) == ["booking.held", "booking.expired"]
    assert booking_site.events(asked["id"])[-1] == "booking.declined"
    assert booking_site.events(ended["id"]) == ["booking.held", "booking.confirmed", "booking.completed"]


async def test_only_renter_and_owner_see_a_booking(booking_site: Site) -> None:
    user_id, stranger = uuid.uuid4(), uuid.uuid4()
    unverified = await know_owner(booking_site, "owner@example.org", verified=False)
    _, booking = await held(booking_site, user_id)
    started = booking_site.post(user_id, f"/bookings/{booking['id']}/payments", {"provider": "sandbox"}).json()
    calls = [
        ("GET", f"/bookings/{booking['id']}", None),
        ("GET", f"/bookings/{booking['id']}/cancellation", None),
        ("POST", f"/bookings/{booking['id']}/cancel", None),
        ("POST", f"/bookings/{booking['id']}/approve", None),
        ("POST", f"/bookings/{booking['id']}/decline", None),
        ("POST", f"/bookings/{booking['id']}/payments", {"provider": "sandbox"}),
        ("POST", f"/sandbox/payments/{started['payment_id']}", {"outcome": "succeeded"}),
        ("POST", "/bookings", {"resource_id": str(uuid.uuid4())}),
        ("GET", "/bookings", None),
    ]
    for method, path, body in calls:
        url = f"/api/booking{path}"
        anonymous = booking_site.http.request(method, url, json=body)
        assert (anonymous.status_code, anonymous.headers["www-authenticate"]) == (401, "Bearer"), path
        expired = booking_site.http.request(method, url, json=body, headers=booking_site.auth(user_id, -60))
        assert expired.status_code == 401, path
        if path == "/bookings":
            continue
        for other in (stranger, unverified):
            answer = booking_site.http.request(method, url, json=body, headers=booking_site.auth(other))
            owners = other is unverified and path.endswith(("approve", "decline"))
            expected = (403, "email-unverified") if owners else (404, "not-found")
            assert (answer.status_code, slug(answer)) == expected, path
    assert booking_site.get(stranger, "/bookings").json() == {"items": [], "next_cursor": None}
    assert booking_site.get(stranger, "/bookings", **{"as": "owner"}).json() == {"items": [], "next_cursor": None}
    answer = booking_site.get(unverified, "/bookings", **{"as": "owner"})
    assert (answer.status_code, slug(answer)) == (403, "email-unverified")
    assert booking_site.get(user_id, f"/bookings/{booking['id']}").json()["status"] == "held"


async def test_pages_of_bookings(booking_site: Site) -> None:
    venue, user_id = await project(booking_site, space_event()), uuid.uuid4()
    made = [booking_site.book(user_id, wish(venue, at(hour), at(hour + 1))).json()["id"] for hour in range(8, 13)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = booking_site.get(user_id, "/bookings", limit=2, **cursor).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == made[::-1]
    assert booking_site.get(user_id, "/bookings", cursor="rubbish").status_code == 422
