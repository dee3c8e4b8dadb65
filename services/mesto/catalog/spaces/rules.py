"""Policies with defaults resolved, and whether a space can be booked."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.contracts.events import SpacePolicy
from mesto.contracts.spaces import Applied, Bookable, BookingPolicy, CancellationTier

BUILT_IN_CANCELLATION = (
    CancellationTier(before_minutes=24 * 60, refund_percent=100),
    CancellationTier(before_minutes=2 * 60, refund_percent=50),
)


def resolve(declared: BookingPolicy | None, platform_hold_minutes: int) -> SpacePolicy:
    """Return the policy that applies: what is declared, else the platform's, else built in.

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


WAITING, WITHHELD, LISTED = "waiting", "withheld", "listed"
"""How far a space has come with the public: not Ready yet; refused before it ever was, and told to booking as not
published; Ready once, which lasts: a later fault leaves what was applied listed and sold."""
FIRST = WAITING
BOOKABLE = "Bookable"


@dataclass(frozen=True)
class Offer:
    """A space as far as it can be booked. ``was`` is the reason of Bookable so far."""

    published: bool
    resources: int
    prices: int
    ever_open: bool
    revision: int
    listing: str = LISTED
    was: str = ""


def bookable(offer: Offer, booking: Applied | None, geo: Applied | None = None) -> Bookable:
    """Return whether a renter can book now, else the first reason why not, from the newest answers of booking and geo.

    While booking has not answered about a newer revision, and when it refuses it, renters book what it has.
    """
    for hindered, reason, message in (
        (not offer.published, "Unpublished", "The space is not published."),
        (not offer.resources, "NoResources", "The space declares no resources."),
        (not offer.prices, "NoPrices", "None of its resources has a price."),
        (not offer.ever_open, "NoOpeningHours", "The space is never open."),
    ):
        if hindered:
            return Bookable(status=False, reason=reason, message=message)
    if offer.listing != LISTED and geo is not None and geo.outcome == "refused":
        return Bookable(status=False, reason=geo.reason, message=geo.message)
    sold = offer.was == BOOKABLE and offer.listing == LISTED
    if booking is None or (booking.revision < offer.revision and not sold):
        return Bookable(status=False, reason="AwaitingBooking", message="Booking has not applied this revision yet.")
    if booking.outcome == "refused" and not sold:
        return Bookable(status=False, reason=booking.reason, message=booking.message)
    if offer.listing != LISTED:
        return Bookable(status=False, reason="AwaitingGeo", message="It is listed once geo has placed it.")
    if booking.bookable is not None:
        return booking.bookable
    return Bookable(status=True, reason=BOOKABLE, message="A renter can book it now.")
