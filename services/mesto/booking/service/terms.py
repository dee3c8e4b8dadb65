"""From stored rows to the rules of domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mesto.booking.domain.calendar import Calendar, Span, checked_span, weekly
from mesto.booking.domain.money import Price, Tier
from mesto.booking.domain.rules import Terms
from mesto.contracts.places import Location, Place


def calendar(zone: str, hours: Iterable[Mapping[str, Any]], exceptions: Iterable[Mapping[str, Any]]) -> Calendar:
    """Opening hours as catalog publishes them (as JSON).

    Raises ValueError or ZoneInfoNotFoundError when they make no sense. Several exceptions of one date add up.
    """
    dates: dict[date, tuple[Span, ...]] = {}
    for item in exceptions:
        day = date.fromisoformat(item["date"])
        spans = dates.get(day, ())
        if not item.get("closed"):
            spans = (*spans, checked_span(item.get("open") or "00:00", item.get("close") or "24:00"))
        dates[day] = spans
    entries = ((item["days"], item["open"], item["close"]) for item in hours)
    return Calendar(ZoneInfo(zone), weekly(entries), dates)


MONTH_MINUTES = 31 * 24 * 60


def _longest(row: Any, usual: int | None) -> int | None:
    """Minutes that a resource may be booked at once: its own limit, else the usual one if that lets anything be booked.

    A price per month says that a month may be booked, a least duration that so much may be.
    """
    if row.max_duration_minutes is not None or usual is None:
        longest: int | None = row.max_duration_minutes
        return longest
    monthly = MONTH_MINUTES if any(item["per"] == "month" for item in row.prices) else 0
    return max(usual, monthly, row.min_duration_minutes or 0)


def terms(row: Any, usual_minutes: int | None = None) -> Terms:
    """The rules of a resource (a row of store.spaces.resource).

    ``usual_minutes`` is how long may be booked at once where the resource does not say it.
    """
    return Terms(
        calendar=calendar(row.time_zone, row.opening_hours, row.exceptions),
        seats=row.seats,
        slot_minutes=row.slot_minutes,
        unit_minutes=row.unit_minutes,
        buffer_minutes=row.buffer_minutes,
        min_minutes=row.min_duration_minutes,
        max_minutes=_longest(row, usual_minutes),
        notice_minutes=row.min_notice_minutes,
        advance_days=row.max_advance_days,
        prices=tuple(Price(item["per"], Decimal(item["amount"]), item["currency"]) for item in row.prices),
        open_for_booking=row.published and row.active and not row.removed,
    )


def at_address(address: str) -> Place:
    """A place of which only the address is known."""
    return Place.model_construct(address=address, location=None)


def place(row: Any) -> Place:
    """Where a space is (a row with its address and position)."""
    known = row.latitude is not None and row.longitude is not None
    location = Location(latitude=row.latitude, longitude=row.longitude) if known else None
    return Place.model_construct(address=row.address, location=location)  # as it was told, whatever that is


def tiers(cancellation: Sequence[Mapping[str, Any]]) -> list[Tier]:
    """Cancellation tiers as stored, the longest notice first."""
    found = [Tier(item["before_minutes"], item["refund_percent"]) for item in cancellation]
    return sorted(found, key=lambda tier: -tier.before_minutes)
