"""The budget of unpaid holds: by account and space, exact under concurrency, with a cool-down."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import yaml
from mesto.booking.bootstrap import BookingService
from mesto.booking.holds.records import HoldRequest, Renter
from mesto.booking.holds.service import Rendering
from mesto.booking.idempotency.records import Answer
from mesto.common.errors import Problem
from mesto.common.platform_config.configuration import from_file
from mesto.contracts.policy import BookingSection
from mestolocal.policy import EXAMPLE, without_limits
from support.servers.booking import Site, Venue, at, know_owner, project, space_event, wish

DEMO = from_file("booking", BookingSection, EXAMPLE)
RENDERING = Rendering(lambda state: Answer(201, "", str(state.id).encode()), lambda problem: Answer(409, "", b""))


def always_open(seats: int, **resource: Any) -> Any:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = [{"days": days, "open": "00:00", "close": "24:00"}]
    resource |= {"seats": seats, "max_duration_minutes": None}
    return space_event(opening_hours=hours, resource=resource)


async def try_to_hold(service: BookingService, renter: Renter, venue: Venue, hours: int, seats: int) -> str:
    """The id of the hold that was made, or why it was refused."""
    request = HoldRequest(venue.resource_id, at(0), at(0) + timedelta(hours=hours), seats)
    try:
        return (await service.holds.create(renter, uuid.uuid4().hex, request, RENDERING)).answer.body.decode()
    except Problem as problem:
        return problem.slug


async def test_the_demo_holds_ten_and_a_thousand_seat_hours_for_who_is_not_verified(booking_site: Site) -> None:
    venue, other = [await project(booking_site, always_open(100)) for _ in range(2)]

    async def work(service: BookingService) -> None:
        few, many, free = Renter(uuid.uuid4(), False), Renter(uuid.uuid4(), False), Renter(uuid.uuid4(), True)
        few_answers = await asyncio.gather(*(try_to_hold(service, few, venue, 1, 1) for _ in range(12)))
        assert few_answers.count("hold-budget") == 2, "ten at once, whoever comes first"
        answers = await asyncio.gather(*(try_to_hold(service, many, venue, 25, 10) for _ in range(6)))
        assert answers.count("hold-budget") == 2, "four of 250 seat-hours"
        assert await try_to_hold(service, many, venue, 1, 1) == "hold-budget"
        assert await try_to_hold(service, many, other, 24 * 10, 4) != "hold-budget", "another space has its own"
        assert await try_to_hold(service, Renter(uuid.uuid4(), False), other, 24 * 30, 2) == "hold-budget"
        wide = await asyncio.gather(*(try_to_hold(service, free, other, 24, 1) for _ in range(25)))
        assert "hold-budget" not in wide
        # Without a cool-down what is given up is free at once.
        mine = next(answer for answer in few_answers if answer != "hold-budget")
        await service.lifecycle.cancel(few.id, uuid.UUID(mine))
        assert await try_to_hold(service, few, venue, 1, 1) != "hold-budget"

    await booking_site.with_service(work, DEMO)


async def test_the_seven_days_that_are_built_in_yield_to_a_price_per_month(booking_site: Site) -> None:
    daily = await project(booking_site, always_open(9))
    month = [{"per": "month", "amount": "9000.00", "currency": "RUB"}]
    monthly = await project(booking_site, always_open(9, prices=month))
    renter = uuid.uuid4()
    week, more = wish(daily, at(0), at(0) + timedelta(days=7)), wish(daily, at(0), at(0) + timedelta(days=8))
    assert booking_site.book(renter, week).status_code == 201
    assert booking_site.book(renter, more).json()["detail"] == "Book at most 10080 minutes."
    assert booking_site.book(renter, wish(monthly, at(0), at(0) + timedelta(days=31))).status_code == 201


async def test_what_was_given_up_or_ran_out_counts_for_a_while_and_what_was_paid_does_not(booking_site: Site) -> None:
    venue, user_id = await project(booking_site, space_event()), uuid.uuid4()

    def hold() -> Any:
        return booking_site.book(user_id, wish(venue, at(10), at(11)), email_verified=False)

    paid, gone, run_out = (hold().json()["id"] for _ in range(3))
    refused = hold()
    assert (refused.status_code, refused.json()["email_verified"]) == (429, False)
    booking_site.pay(user_id, paid)
    booking_site.post(user_id, f"/bookings/{gone}/cancel")
    booking_site.run_out(run_out)
    again = hold()
    assert again.status_code == 201, "there is room for one, since one was paid"
    refused = hold()
    assert 14 * 60 < int(refused.headers["retry-after"]) <= 15 * 60, "until the first of them has cooled down"
    later = "UPDATE booking.bookings SET released_at = released_at - interval '15 minutes' WHERE id = %s"
    booking_site.sql(later, gone)
    booking_site.post(user_id, f"/bookings/{again.json()['id']}/cancel")
    assert hold().status_code == 201


async def test_what_costs_nothing_counts_until_it_is_over(booking_site: Site) -> None:
    nothing = [{"per": "hour", "amount": "0", "currency": "RUB"}]
    free = await project(booking_site, always_open(300, prices=nothing))
    event = always_open(300, prices=nothing)
    asks = await project(
        booking_site, event.model_copy(update={"policy": event.policy.model_copy(update={"approval": "owner"})})
    )

    async def work(service: BookingService) -> None:
        renter = Renter(uuid.uuid4(), False)
        assert await try_to_hold(service, renter, free, 24, 50) == "hold-budget", "1,200 seat-hours"
        answers = [await try_to_hold(service, renter, venue, 1, 1) for venue in (free, asks) for _ in range(6)]
        assert answers.count("hold-budget") == 2, "ten in all"
        mine = next(answer for answer in answers if answer != "hold-budget")
        await service.lifecycle.cancel(renter.id, uuid.UUID(mine))
        assert await try_to_hold(service, renter, free, 1, 1) != "hold-budget", "what was given up is over"
        earlier = "starts_at = starts_at - interval '90 days', ends_at = ends_at - interval '90 days'"
        booking_site.sql(f"UPDATE booking.bookings SET {earlier} WHERE user_id = %s", renter.id)
        assert await try_to_hold(service, renter, free, 1, 1) != "hold-budget", "what is over counts no more"

    await booking_site.with_service(work, DEMO)


async def test_an_owner_who_cancels_a_hold_costs_its_renter_nothing(booking_site: Site) -> None:
    address, user_id = f"{uuid.uuid4().hex}@example.org", uuid.uuid4()
    venue = await project(booking_site, space_event(owner_email=address))
    owner = await know_owner(booking_site, address)
    for _ in range(5):
        held = booking_site.book(user_id, wish(venue, at(10), at(11)), email_verified=False)
        assert held.status_code == 201
        booking_site.post(owner, f"/bookings/{held.json()['id']}/cancel")


async def test_whoever_has_verified_their_address_since_their_token_was_made_is_believed(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(resource={"seats": 9}))
    user_id = await know_owner(booking_site, f"{uuid.uuid4().hex}@example.org")
    answers = [booking_site.book(user_id, wish(venue, at(10), at(11)), email_verified=False) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {201}


def test_tests_and_measurements_have_the_demos_policy_without_its_limits(tmp_path: Any) -> None:
    demo, wide = yaml.safe_load(EXAMPLE.read_text("utf-8")), yaml.safe_load(without_limits(tmp_path).read_text("utf-8"))
    budget = demo["spec"]["booking"]["holdBudget"]
    assert budget == {
        "coolDownMinutes": 0,
        "verified": {"openHolds": 0, "seatHoursPerSpace": 0},
        "unverified": {"openHolds": 10, "seatHoursPerSpace": 1000},
    }
    budget["unverified"] = budget["verified"]
    assert wide == demo
