"""Paying for a hold, over HTTP: in time, twice, and late."""

from __future__ import annotations

import uuid

from support.servers.booking import Site, at, held, slug, wish


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
