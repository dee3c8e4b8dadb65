"""From hold to the end, over HTTP: paying, paying late, cancelling, approving, running out."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mesto.contracts.events import SpaceRemoved
from support.booking import Site, Venue, at, know_owner, policy, project, space_event, wish

REFUSED = {
    "past": ({"start": (-1, 10), "end": (-1, 11)}, 422, "in-the-past"),
    "closed": ({"start": (3, 6), "end": (3, 9)}, 422, "outside-opening-hours"),
    "short": ({"start": (3, 10), "end": (3, 10)}, 422, "invalid-time"),
    "long": ({"start": (3, 8), "end": (3, 21)}, 422, "too-long"),
    "far": ({"start": (95, 10), "end": (95, 11)}, 422, "too-far"),
}


def slug(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def held(site: Site, user_id: uuid.UUID, approval: str = "instant", day: int = 3) -> tuple[Venue, dict[str, Any]]:
    venue = await project(site, space_event(resource={"seats": 1}, policy=policy(approval)))
    answer = site.book(user_id, wish(venue, at(10, day), at(12, day)))
    assert answer.status_code == 201, answer.text
    return venue, answer.json()


async def test_a_hold_says_everything_and_is_recorded_once(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    _, booking = await held(booking_site, user_id)
    assert booking["status"] == "held"
    assert booking["total"] == {"amount": "500.00", "currency": "RUB"}
    assert (booking["price_per"], booking["start"]) == ("hour", at(10).isoformat())
    assert (booking["space_title"], booking["resource_title"]) == ("Loft", "Open space")
    left = datetime.fromisoformat(booking["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert booking_site.events(booking["id"]) == ["booking.held"]
    assert booking_site.history(booking["id"]) == ["held"]
    headers = {**booking_site.auth(user_id), "Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}
    russian = booking_site.http.get(f"/api/booking/bookings/{booking['id']}", headers=headers).json()
    assert russian["space_title"] == "Лофт"
    assert booking_site.get(user_id, "/bookings", status="held").json()["items"][0]["id"] == booking["id"]


async def test_instant_payment_confirms_once(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    _, booking = await held(booking_site, user_id)
    path = f"/bookings/{booking['id']}/payments"
    started = [booking_site.post(user_id, path, {"provider": "sandbox"}).json() for _ in range(2)]
    assert started[0] == started[1], "an open payment is answered again"
    failed = booking_site.pay(user_id, booking["id"], "failed").json()
    assert (failed["status"], failed["payment"]["status"]) == ("held", "failed")
    paid = booking_site.pay(user_id, booking["id"])
    assert (paid.status_code, paid.json()["status"], paid.json()["expires_at"]) == (200, "confirmed", None)
    again = booking_site.post(user_id, f"/sandbox/payments/{paid.json()['payment']['id']}", {"outcome": "succeeded"})
    assert again.json() == paid.json()
    turned = booking_site.post(user_id, f"/sandbox/payments/{paid.json()['payment']['id']}", {"outcome": "failed"})
    assert (turned.status_code, slug(turned)) == (409, "payment-settled")
    assert booking_site.events(booking["id"]) == ["booking.held", "booking.confirmed"]
    assert booking_site.history(booking["id"]) == ["held", "confirmed"]
    third = booking_site.post(user_id, path, {"provider": "sandbox"})
    assert (third.status_code, slug(third)) == (409, "wrong-status")


@pytest.mark.parametrize(("approval", "status"), [("instant", "confirmed"), ("owner", "awaiting_approval")])
async def test_what_is_free_is_booked_without_payment(booking_site: Site, approval: str, status: str) -> None:
    free = [{"per": "hour", "amount": "0.00", "currency": "RUB"}]
    venue = await project(booking_site, space_event(resource={"seats": 1, "prices": free}, policy=policy(approval)))
    user_id = uuid.uuid4()
    answer = booking_site.book(user_id, wish(venue, at(10), at(12)))
    booking = answer.json()
    assert answer.status_code == 201
    assert (booking["status"], booking["expires_at"], booking["total"]["amount"]) == (status, None, "0.00")
    refused = booking_site.post(user_id, f"/bookings/{booking['id']}/payments", {"provider": "sandbox"})
    assert (refused.status_code, slug(refused)) == (409, "wrong-status")
    assert booking_site.events(booking["id"]) == [f"booking.{status}"]
    assert booking_site.history(booking["id"]) == [status]
    preview = booking_site.get(user_id, f"/bookings/{booking['id']}/cancellation").json()
    assert (preview["cancellable"], preview["paid"], preview["refund"]) == (True, None, None)
    cancelled = booking_site.post(user_id, f"/bookings/{booking['id']}/cancel").json()
    assert (cancelled["status"], cancelled["refund"], cancelled["ended_by"]) == ("cancelled", None, "renter")
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(12))).status_code == 201


async def test_a_free_request_that_nobody_answers_is_declined(booking_site: Site) -> None:
    free = [{"per": "hour", "amount": "0", "currency": "JPY"}]
    venue = await project(booking_site, space_event(resource={"prices": free}, policy=policy("owner")))
    user_id = uuid.uuid4()
    booking = booking_site.book(user_id, wish(venue, at(10), at(12))).json()
    assert booking["total"] == {"amount": "0", "currency": "JPY"}
    booking_site.sql("UPDATE booking.bookings SET due_at = now() WHERE id = %s", booking["id"])
    await booking_site.with_service(lambda service: service.lifecycle.sweep())
    assert booking_site.get(user_id, f"/bookings/{booking['id']}").json()["status"] == "declined"


async def test_a_hold_that_ran_out_frees_its_seat_at_once(booking_site: Site) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    venue, booking = await held(booking_site, first)
    assert booking_site.book(second, wish(venue, at(11), at(13))).status_code == 409
    booking_site.run_out(booking["id"])
    span = {"from": at(0).isoformat(), "to": at(24).isoformat()}
    slots = booking_site.get(second, f"/resources/{venue.resource_id}/availability", **span).json()["slots"]
    assert all(slot["bookable"] for slot in slots)
    refused = booking_site.post(first, f"/bookings/{booking['id']}/payments", {"provider": "sandbox"})
    assert (refused.status_code, slug(refused)) == (409, "hold-expired")
    assert booking_site.book(second, wish(venue, at(11), at(13))).status_code == 201
    assert booking_site.events(booking["id"]) == ["booking.held", "booking.expired"]
    assert booking_site.get(first, f"/bookings/{booking['id']}").json()["status"] == "expired"


async def test_late_money_buys_the_seats_again_if_they_are_free(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    venue, booking = await held(booking_site, user_id)
    started = booking_site.post(user_id, f"/bookings/{booking['id']}/payments", {"provider": "sandbox"}).json()
    booking_site.run_out(booking["id"])
    await booking_site.with_service(lambda service: service.lifecycle.sweep())
    assert booking_site.get(user_id, f"/bookings/{booking['id']}").json()["status"] == "expired"
    path = f"/sandbox/payments/{started['payment_id']}"
    paid = booking_site.post(user_id, path, {"outcome": "succeeded"})
    assert (paid.status_code, paid.json()["status"]) == (200, "confirmed")
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(12))).status_code == 409
    assert booking_site.events(booking["id"]) == ["booking.held", "booking.expired", "booking.confirmed"]


async def test_late_money_goes_back_when_the_seats_are_gone(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    venue, booking = await held(booking_site, user_id)
    started = booking_site.post(user_id, f"/bookings/{booking['id']}/payments", {"provider": "sandbox"}).json()
    booking_site.run_out(booking["id"])
    assert booking_site.book(uuid.uuid4(), wish(venue, at(10), at(12))).status_code == 201
    path = f"/sandbox/payments/{started['payment_id']}"
    answers = [booking_site.post(user_id, path, {"outcome": "succeeded"}) for _ in range(2)]
    for late in answers:
        assert (late.status_code, slug(late)) == (409, "hold-expired")
        assert (late.json()["payment"]["status"], late.json()["booking_status"]) == ("refunded", "expired")
    row = booking_site.sql(
        "SELECT status, amount = refunded FROM booking.payments WHERE id = %s", started["payment_id"]
    )
    assert row == [("refunded", True)]
    assert booking_site.peak(venue.resource_id) == 1


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
    assert [(one["ended_by"], one["mine"]) for one in (cancelled, seen)] == [("owner", False), ("owner", True)]
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
    assert [one["status"] for one in got] == ["expired", "declined", "completed"]
    assert [one["ended_by"] for one in got] == ["time", "time", None]
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


@pytest.mark.parametrize("case", REFUSED)
async def test_broken_rules_are_named(booking_site: Site, case: str) -> None:
    change, status, expected = REFUSED[case]
    venue = await project(booking_site, space_event())
    times = {name: at(hour, day).isoformat() for name, (day, hour) in change.items()}
    answer = booking_site.book(uuid.uuid4(), {**wish(venue, at(10), at(11)), **times})
    assert (answer.status_code, slug(answer)) == (status, expected)
    assert answer.json()["errors"][0]["message"]


async def test_requests_that_make_no_sense(booking_site: Site) -> None:
    venue = await project(booking_site, space_event())
    user_id, body = uuid.uuid4(), wish(venue, at(10), at(11))
    no_key = booking_site.http.post("/api/booking/bookings", json=body, headers=booking_site.auth(user_id))
    assert (no_key.status_code, no_key.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    promo = booking_site.book(user_id, {**body, "promo_code": "HALF"})
    assert (promo.status_code, promo.json()["errors"][0]["field"]) == (422, "promo_code")
    assert booking_site.book(user_id, {**body, "start": "2026-12-01T10:00:00"}).status_code == 422, "without an offset"
    for year in ("0001", "9999"):
        odd = {**body, "start": f"{year}-01-01T00:00:00+03:00", "end": f"{year}-12-31T23:00:00-12:00"}
        assert booking_site.book(user_id, odd).status_code == 422
    assert booking_site.book(user_id, {**body, "seats": 4}).json()["errors"][0]["field"] == "seats"
    assert booking_site.book(user_id, {**body, "resource_id": str(uuid.uuid4())}).status_code == 404
    half = {**body, "start": at(10, minute=30).isoformat(), "end": at(11, minute=30).isoformat()}
    assert slug(booking_site.book(user_id, half)) == "not-on-grid"


async def test_availability_says_why_not(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 2, "max_advance_days": 5}))
    booking_site.book(uuid.uuid4(), wish(venue, at(10), at(11), 2))
    path = f"/resources/{venue.resource_id}/availability"

    def slots(day: int, seats: int = 1) -> list[dict[str, Any]]:
        span = {"from": at(0, day).isoformat(), "to": at(24, day).isoformat(), "seats": seats}
        answer = booking_site.http.get(f"/api/booking{path}", params=span)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["slots"]
        return found

    day = slots(3)
    assert len(day) == 14
    assert day[2] == {
        "date": at(10).date().isoformat(),
        "start": at(10).isoformat(),
        "end": at(11).isoformat(),
        "seats_free": 0,
        "bookable": False,
        "reason": "full",
    }
    assert (day[3]["seats_free"], day[3]["bookable"], day[3]["reason"]) == (2, True, None)
    assert {slot["reason"] for slot in slots(-1)} == {"past"}
    assert {slot["reason"] for slot in slots(6)} == {"too_far"}
    assert {slot["reason"] for slot in slots(4, seats=3)} == {"too_many_seats"}, "nobody took them"
    raw = f"/api/booking{path}?from={at(8).isoformat()}&to={at(9).isoformat()}"
    assert booking_site.http.get(raw).status_code == 200, "a plus that was not escaped"
    long = {"from": at(0).isoformat(), "to": at(0, 40).isoformat()}
    assert booking_site.http.get(f"/api/booking{path}", params=long).status_code == 422
    assert booking_site.http.get(f"/api/booking/resources/{uuid.uuid4()}/availability", params=long).status_code == 422


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


async def test_the_event_carries_the_booking(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    _, booking = await held(booking_site, user_id)
    bodies = booking_site.sql("SELECT body FROM booking.outbox WHERE type = 'booking.held'")
    payloads = [json.loads(body)["payload"] for (body,) in bodies]
    payload = next(one for one in payloads if one["booking"]["id"] == booking["id"])
    assert payload["user_id"] == str(user_id)
    assert payload["booking"]["space_title"] == {"ru": "Лофт", "en": "Loft"}
    assert {name: payload["booking"][name] for name in ("status", "start", "total", "revision")} == {
        name: booking[name] for name in ("status", "start", "total", "revision")
    }


async def test_a_quote_says_what_a_hold_would_cost_and_on_which_terms(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(policy=policy("owner")))
    body = wish(venue, at(10), at(13), 2)

    def ask(**changes: Any) -> Any:
        headers = {"Accept-Language": "en"}
        return booking_site.http.post("/api/booking/quotes", json=body | changes, headers=headers)

    quote = ask().json()
    held = booking_site.book(uuid.uuid4(), body).json()
    assert {name: quote[name] for name in ("total", "price_per", "approval", "cancellation", "start", "end")} == {
        name: held[name] for name in ("total", "price_per", "approval", "cancellation", "start", "end")
    }
    assert held["approval"] == "owner"
    assert held["cancellation"] == [{"until": at(9).isoformat(), "refund_percent": 50}]
    [line] = quote["lines"]
    assert line["text"].replace("\N{NO-BREAK SPACE}", " ") == "250 ₽ × 3 h × 2 seats"
    assert (line["unit_price"]["amount"], line["per"], line["units"], line["seats"]) == ("250.00", "hour", 3.0, 2)
    assert quote["total"] == line["amount"] == {"amount": "1500.00", "currency": "RUB"}
    assert ask().status_code == 200, "a price is told although too few seats are left"
    assert slug(ask(seats=4)) == "too-many-seats"
    refused = ask(promo_code="SPRING")
    assert (refused.status_code, slug(refused)) == (422, "unknown-promotion")
    assert ask(resource_id=str(uuid.uuid4())).status_code == 404
