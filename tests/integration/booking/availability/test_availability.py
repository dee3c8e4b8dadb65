"""What is free, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from support.servers.booking import Site, at, project, space_event, wish


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
