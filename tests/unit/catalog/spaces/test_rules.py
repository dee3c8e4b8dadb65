"""Policies resolved, and why a space cannot be booked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from mesto.catalog.spaces.rules import Offer, bookable, resolve
from mesto.contracts.spaces import Applied, Bookable, BookingPolicy, CancellationTier


def tiers(*pairs: tuple[int, int]) -> list[CancellationTier]:
    return [CancellationTier(before_minutes=before, refund_percent=percent) for before, percent in pairs]


def test_nothing_declared_takes_the_platforms_hold_and_the_built_in_rest() -> None:
    for declared in (None, BookingPolicy()):
        policy = resolve(declared, 20)
        assert (policy.approval, policy.hold_minutes) == ("instant", 20)
        assert policy.cancellation == tiers((1440, 100), (120, 50))


def test_what_is_declared_wins_and_tiers_are_sorted() -> None:
    declared = BookingPolicy(approval="owner", hold_minutes=5, cancellation=tiers((60, 10), (600, 90)))
    policy = resolve(declared, 20)
    assert (policy.approval, policy.hold_minutes) == ("owner", 5)
    assert policy.cancellation == tiers((600, 90), (60, 10))


def test_a_declared_empty_cancellation_pays_nothing_back() -> None:
    assert resolve(BookingPolicy(cancellation=[]), 20).cancellation == []


def make_answer(revision: int, outcome: Any = "applied", reason: str = "Applied") -> Applied:
    return Applied(revision=revision, outcome=outcome, reason=reason)


def judged(revision: int, status: bool, sequence: int = 1) -> Applied:
    verdict = Bookable(status=status, reason="Bookable" if status else "NothingFits")
    return Applied(revision=revision, outcome="applied", reason="Applied", bookable=verdict, sequence=sequence)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "Bookable"),
        ({"published": False, "resources": 0, "prices": 0}, "Unpublished"),
        ({"resources": 0, "prices": 0}, "NoResources"),
        ({"prices": 0, "ever_open": False}, "NoPrices"),
        ({"ever_open": False}, "NoOpeningHours"),
        ({"booking": None}, "AwaitingBooking"),
        ({"booking": make_answer(6)}, "AwaitingBooking"),
        ({"booking": make_answer(7, "refused", "SlotTooLong")}, "SlotTooLong"),
        ({"booking": judged(7, True)}, "Bookable"),
        ({"booking": judged(7, False)}, "NothingFits"),
        ({"booking": judged(6, True)}, "AwaitingBooking"),
    ],
)
def test_bookable_or_the_first_reason_why_not(changes: dict[str, Any], reason: str) -> None:
    facts: dict[str, Any] = {"published": True, "resources": 1, "prices": 1, "ever_open": True, "revision": 7}
    booking = changes.pop("booking", make_answer(7))
    found = bookable(Offer(**facts | changes), booking)
    assert (found.status, found.reason) == (reason == "Bookable", reason)


SOLD = Offer(published=True, resources=1, prices=1, ever_open=True, revision=7, was="Bookable")


@pytest.mark.parametrize("booking", [make_answer(6), make_answer(7, "refused", "UnknownTimeZone")])
def test_renters_book_what_booking_has_while_it_has_not_applied_a_newer_revision(booking: Applied) -> None:
    assert bookable(SOLD, booking).status
    assert not bookable(replace(SOLD, was="NoPrices"), booking).status, "it has nothing that can be booked"
    assert bookable(replace(SOLD, prices=0), booking).reason == "NoPrices"


@pytest.mark.parametrize(
    ("booking", "geo", "reason"),
    [
        (None, None, "AwaitingBooking"),
        (make_answer(7), None, "AwaitingGeo"),
        (make_answer(7), make_answer(7, "refused", "UnknownCity"), "UnknownCity"),
        (make_answer(6), make_answer(7, "refused", "UnknownCity"), "UnknownCity"),
        (make_answer(7, "refused", "UnknownTimeZone"), make_answer(7), "UnknownTimeZone"),
    ],
)
def test_what_was_never_ready_cannot_be_booked(booking: Applied | None, geo: Applied | None, reason: str) -> None:
    for so_far in ("waiting", "withheld"):
        found = bookable(replace(SOLD, listing=so_far, was=""), booking, geo)
        assert (found.status, found.reason) == (False, reason)
