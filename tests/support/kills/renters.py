"""What renters and owners do, each with a careful client, and what they were told."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from support.kills.calls import Caller
from support.kills.world import PRICE, ZONE, Booked, World

HOURS = (9, 11, 13, 15)
DAYS = (2, 7)
"""Days ahead: half of the money comes back, all of it does."""


def some_time(chance: random.Random) -> tuple[datetime, datetime]:
    """One of few times, so that many want the same."""
    day = datetime.now(ZONE).replace(minute=0, second=0, microsecond=0) + timedelta(days=chance.choice(DAYS))
    start = day.replace(hour=chance.choice(HOURS))
    return start, start + timedelta(hours=chance.choice((1, 2)))


def hold(
    world: World, renter: Caller, kind: str, time: tuple[datetime, datetime], seats: int = 1, key: str | None = None
) -> Booked | None:
    """Ask for seats, once by one key however often it is repeated. None when there are none."""
    hot = world.hot[kind]
    start, end = time
    body = {"resource_id": hot.resource_id, "start": start.isoformat(), "end": end.isoformat(), "seats": seats}
    answer = renter.signed("POST", "/api/booking/bookings", body, **{"Idempotency-Key": key or uuid.uuid4().hex})
    if answer.status_code != 201:
        usual = ("no-capacity", "space-changing")
        if answer.status_code != 429 and not any(text in answer.text for text in usual):
            world.note("answer", f"hold: {answer.status_code} {answer.text}")
        return None
    told = answer.json()
    hours = (end - start) // timedelta(hours=1)
    booked = Booked(told["id"], renter, kind, hot.resource_id, start, end, seats, PRICE * hours * seats)
    if Decimal(told["total"]["amount"]) != booked.total:
        world.note("total", f"{booked.id}: told {told['total']}, not {booked.total}")
    with world.lock:
        if booked.id in world.bookings:
            world.note("doubled", f"{booked.id} was given to two requests")
        world.bookings[booked.id] = booked
    return booked


def start_payment(world: World, booked: Booked) -> str:
    """The id of a new open payment; empty when it was refused."""
    answer = booked.renter.signed("POST", f"/api/booking/bookings/{booked.id}/payments", {"provider": "sandbox"})
    if answer.status_code != 201:
        world.note("answer", f"payment of {booked.id} ({booked.status}): {answer.status_code} {answer.text}")
        return ""
    payment = str(answer.json()["payment_id"])
    booked.payments[payment] = "open"
    return payment


def settle(world: World, booked: Booked, payment: str, outcome: str = "succeeded") -> None:
    """The provider's answer about a payment."""
    answer = booked.renter.signed("POST", f"/api/booking/sandbox/payments/{payment}", {"outcome": outcome})
    told = answer.json()
    if answer.status_code == 409 and "hold-expired" in answer.text:
        booked.payments[payment], booked.status = told["payment"]["status"], told["booking_status"]
    elif answer.status_code == 200:
        booked.payments[payment], booked.status = told["payment"]["status"], told["status"]
    else:
        world.note("answer", f"settling {payment} of {booked.id} as {outcome}: {answer.status_code} {answer.text}")


def pay(world: World, booked: Booked, outcome: str = "succeeded") -> None:
    """Pay in the sandbox."""
    if payment := start_payment(world, booked):
        settle(world, booked, payment, outcome)


def _money(booked: Booked, percent: int) -> None:
    """What a cancelled or declined booking's payment is now."""
    for payment, status in booked.payments.items():
        if status == "succeeded":
            booked.refund = booked.total * percent / 100
            booked.payments[payment] = {0: "succeeded", 100: "refunded"}.get(percent, "partially_refunded")


def _move(world: World, booked: Booked, who: Caller, action: str, reached: str, percent: int | None) -> None:
    answer = who.signed("POST", f"/api/booking/bookings/{booked.id}/{action}")
    if answer.status_code != 200 or answer.json()["status"] != reached:
        world.note("answer", f"{action} {booked.id} ({booked.status}): {answer.status_code} {answer.text}")
        return
    if percent is not None:
        _money(booked, percent)
    booked.status = reached


def cancel(world: World, booked: Booked, *, by_owner: bool = False) -> None:
    """Cancel, by the renter or by the owner; what comes back is known before."""
    everything = by_owner or booked.status == "awaiting_approval"
    who = world.owner if by_owner else booked.renter
    _move(world, booked, who, "cancel", "cancelled", 100 if everything else booked.percent)


def decide(world: World, booked: Booked, *, approve: bool) -> None:
    """The owner's answer to a request."""
    action, reached = ("approve", "confirmed") if approve else ("decline", "declined")
    _move(world, booked, world.owner, action, reached, None if approve else 100)


def run_out(world: World, booked: Booked) -> None:
    """Let an hour pass for one hold."""
    past = "now() - interval '1 second'"
    world.sql(
        f"UPDATE booking.bookings SET expires_at = {past}, due_at = {past} WHERE id = %s AND status = 'held'", booked.id
    )
    booked.status = "expired"


def pay_late(world: World, booked: Booked) -> None:
    """Money that comes when the hold has run out: it buys the seats, or goes back."""
    if payment := start_payment(world, booked):
        run_out(world, booked)
        settle(world, booked, payment)


def _of_hold(world: World, booked: Booked, chance: random.Random) -> None:
    draw = chance.random()
    if draw < 0.55:
        pay(world, booked)
    elif draw < 0.65:
        pay(world, booked, "failed")
    elif draw < 0.8:
        cancel(world, booked)
    elif draw < 0.92:
        run_out(world, booked)
    else:
        pay_late(world, booked)


def step(world: World, renter: Caller, mine: list[Booked], chance: random.Random) -> None:
    """One thing that a renter does next; `mine` are the bookings that may still change."""
    mine[:] = [booked for booked in mine if booked.status in ("held", "awaiting_approval", "confirmed")]
    if len(mine) < 6 and chance.random() < 0.5:
        kind = chance.choice(list(world.hot))
        booked = hold(world, renter, kind, some_time(chance), chance.choice((1, 1, 2)))
        if booked is not None:
            mine.append(booked)
        return
    if not mine:
        return
    booked = chance.choice(mine)
    if booked.status == "held":
        _of_hold(world, booked, chance)
    elif booked.status == "awaiting_approval":
        if chance.random() < 0.3:
            cancel(world, booked)
        else:
            decide(world, booked, approve=chance.random() < 0.6)
    elif chance.random() < 0.6:
        cancel(world, booked, by_owner=chance.random() < 0.3)


def finish(world: World, mine: list[Booked]) -> None:
    """Leave no hold behind: the last ones are paid."""
    for booked in mine:
        if booked.status == "held":
            pay(world, booked)


def steps(world: World, renter: Caller, seed: Any) -> None:
    """A renter's whole run, until the world's load is over."""
    chance, mine = random.Random(seed), list[Booked]()
    while not world.over.is_set():
        step(world, renter, mine, chance)
        world.over.wait(chance.uniform(0.02, 0.15))
    finish(world, mine)
