"""Policies with defaults resolved, and whether a space can be booked."""

from __future__ import annotations

from mesto.contracts.events import SpacePolicy
from mesto.contracts.spaces import Applied, Bookable, BookingPolicy, CancellationTier

BUILT_IN_CANCELLATION = (
    CancellationTier(before_minutes=24 * 60, refund_percent=100),
    CancellationTier(before_minutes=2 * 60, refund_percent=50),
)


def resolve(declared: BookingPolicy | None, platform_hold_minutes: int) -> SpacePolicy:
    """The policy that applies: what is declared, else the platform's, else built in.

    Approval is instant unless declared. Cancellation that is not declared is the built-in one (all back until 24 h
    before the start, half until 2 h before); a declared empty list means that nothing is ever paid back. Tiers come
    sorted from the earliest (most minutes before the start) to the latest.
    """
    declared = declared or BookingPolicy()
    tiers = BUILT_IN_CANCELLATION if declared.cancellation is None else declared.cancellation
    return SpacePolicy(
        approval=declared.approval or "instant",
        hold_minutes=declared.hold_minutes or platform_hold_minutes,
        cancellation=sorted(tiers, key=lambda tier: -tier.before_minutes),
    )


def bookable(
    *,
    published: bool,
    resources: int,
    prices: int,
    ever_open: bool,
    revision: int,
    booking: Applied | None,
) -> Bookable:
    """Whether a renter can book now, else the first reason why not. ``booking`` is booking's newest answer."""
    if not published:
        return Bookable(status=False, reason="Unpublished", message="The space is not published.")
    if not resources:
        return Bookable(status=False, reason="NoResources", message="The space declares no resources.")
    if not prices:
        return Bookable(status=False, reason="NoPrices", message="None of its resources has a price.")
    if not ever_open:
        return Bookable(status=False, reason="NoOpeningHours", message="The space is never open.")
    if booking is None or booking.revision < revision:
        return Bookable(status=False, reason="AwaitingBooking", message="Booking has not applied this revision yet.")
    if booking.outcome == "refused":
        return Bookable(status=False, reason=booking.reason, message=booking.message)
    return Bookable(status=True, reason="Bookable", message="A renter can book it now.")


def newer(known: Applied | None, answer: Applied) -> bool:
    """Whether an answer replaces the known one: a newer revision, or another outcome of the same."""
    return known is None or answer.revision > known.revision or (answer.revision == known.revision and answer != known)
