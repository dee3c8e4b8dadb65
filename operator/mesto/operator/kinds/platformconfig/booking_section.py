"""The part of a PlatformConfig's spec that is about bookings."""

from __future__ import annotations

from typing import Annotated, Literal

from mesto.operator import fields as common
from mesto.operator.schema import ListSet, Part, whole
from pydantic import Field


class Payments(Part):
    """How renters may pay."""

    providers: (
        Annotated[list[Literal["Sandbox", "Stripe", "YooKassa"]], Field(min_length=1, max_length=3), ListSet()] | None
    ) = Field(
        default=None, description="Who takes the money, in the order in which renters see it; Sandbox when left out."
    )


class HoldLimits(Part):
    """What one person may hold at a time without having paid."""

    open_holds: Annotated[int, whole(0, 10_000, "openHolds")] | None = Field(
        default=None, description="How many bookings, in all spaces together; 0: as many as they like."
    )
    seat_hours_per_space: Annotated[int, whole(0, 10_000_000, "seatHoursPerSpace")] | None = Field(
        default=None,
        description="How many seat-hours of one space (2 seats for 3 hours are 6); 0: as many as they like.",
    )


class HoldBudget(Part):
    """How much one person may hold without having paid, so that nobody blocks a space for nothing."""

    cool_down_minutes: Annotated[int, whole(0, 1440, "coolDownMinutes")] | None = Field(
        default=None, description="How long a hold that was given up or ran out unpaid counts on; built in: 15."
    )
    verified: HoldLimits | None = Field(
        default=None,
        description="For people who have verified their e-mail address; built in: 20 holds, 2000 seat-hours.",
    )
    unverified: HoldLimits | None = Field(
        default=None, description="For people who have not; built in: 3 holds, 48 seat-hours."
    )


class Booking(Part):
    """Bookings; a space's own policy goes before these."""

    hold_minutes: common.HoldMinutes | None = None
    max_duration_minutes: Annotated[int, whole(60, 525_600, "maxDurationMinutes")] | None = Field(
        default=None,
        description="How long a resource that does not say it may be booked at once; built in: 10080 (7 days), "
        "and 31 days where there is a price per month. No booking is longer than the space stays open at a stretch.",
    )
    hold_budget: HoldBudget | None = None
    payments: Payments | None = None
