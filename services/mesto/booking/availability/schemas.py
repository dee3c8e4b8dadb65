"""What goes in and out of the API of availability."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from mesto.booking.availability.records import Available
from mesto.booking.availability.rules import Slot
from mesto.contracts.fields import Instant
from pydantic import BaseModel, BeforeValidator

SlotReason = Literal["past", "notice", "too_far", "full", "too_many_seats", "unpublished", "no_price"]
BLANK_OFFSET = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")


def _plus_again(value: Any) -> Any:
    # A "+" that was not escaped in a query arrives as a blank.
    return BLANK_OFFSET.sub("+", value) if isinstance(value, str) else value


QueryTime = Annotated[Instant, BeforeValidator(_plus_again)]


class SlotView(BaseModel):
    """A slot of the grid; ``reason`` says why it is not bookable.

    ``date`` is the local date whose opening hours it is a part of: the one before its start's, past midnight.
    """

    date: date
    start: datetime
    end: datetime
    seats_free: int
    bookable: bool
    reason: SlotReason | None


class AvailabilityView(BaseModel):
    """What is free; times carry the venue's offset. ``seats`` is how many the resource has."""

    resource_id: UUID
    time_zone: str
    seats: int
    slots: list[SlotView]


def availability_view(resource_id: UUID, found: Available, zone: ZoneInfo) -> AvailabilityView:
    """Return availability in the venue's zone."""

    def view(slot: Slot) -> SlotView:
        return SlotView.model_construct(
            date=slot.interval.date,
            start=slot.interval.start.astimezone(zone),
            end=slot.interval.end.astimezone(zone),
            seats_free=slot.seats_free,
            bookable=slot.reason is None,
            reason=cast(SlotReason | None, slot.reason),
        )

    return AvailabilityView(
        resource_id=resource_id,
        time_zone=found.time_zone,
        seats=found.seats,
        slots=[view(slot) for slot in found.slots],
    )
