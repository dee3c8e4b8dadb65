"""What a booking would cost, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from support.servers.booking import Site, at, policy, project, slug, space_event, wish


async def test_a_quote_says_what_a_hold_would_cost_and_on_which_terms(booking_site: Site) -> None:
    venue = await project(booking_site, space_event(policy=policy("owner")))
    body = wish(venue, at(10), at(13), 2)

    def quote_of(**changes: Any) -> Any:
        headers = {"Accept-Language": "en"}
        return booking_site.http.post("/api/booking/quotes", json=body | changes, headers=headers)

    quote = quote_of().json()
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
    assert quote_of().status_code == 200, "a price is told although too few seats are left"
    assert slug(quote_of(seats=4)) == "too-many-seats"
    refused = quote_of(promo_code="SPRING")
    assert (refused.status_code, slug(refused)) == (422, "unknown-promotion")
    assert quote_of(resource_id=str(uuid.uuid4())).status_code == 404
