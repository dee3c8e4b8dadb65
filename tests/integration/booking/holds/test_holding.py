"""Holding seats, over HTTP: what a hold says, what it costs, what is refused."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from support.servers.booking import Site, at, held, policy, project, slug, space_event, wish

REFUSED = {
    "past": ({"start": (-1, 10), "end": (-1, 11)}, 422, "in-the-past"),
    "closed": ({"start": (3, 6), "end": (3, 9)}, 422, "outside-opening-hours"),
    "short": ({"start": (3, 10), "end": (3, 10)}, 422, "invalid-time"),
    "long": ({"start": (3, 8), "end": (3, 21)}, 422, "too-long"),
    "far": ({"start": (95, 10), "end": (95, 11)}, 422, "too-far"),
}


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


async def test_the_event_carries_the_booking(booking_site: Site) -> None:
    user_id = uuid.uuid4()
    _, booking = await held(booking_site, user_id)
    bodies = booking_site.sql("SELECT body FROM booking.outbox WHERE type = 'booking.held'")
    payloads = [json.loads(body)["payload"] for (body,) in bodies]
    payload = next(payload for payload in payloads if payload["booking"]["id"] == booking["id"])
    assert payload["user_id"] == str(user_id)
    assert payload["booking"]["space_title"] == {"ru": "Лофт", "en": "Loft"}
    assert {name: payload["booking"][name] for name in ("status", "start", "total", "revision")} == {
        name: booking[name] for name in ("status", "start", "total", "revision")
    }
