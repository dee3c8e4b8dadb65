"""Policies resolved, and why a space cannot be booked."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.catalog.domain.policy import bookable, newer, resolve
from mesto.contracts.spaces import Applied, BookingPolicy, CancellationTier


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


def answer(revision: int, outcome: Any = "applied", reason: str = "Applied") -> Applied:
    return Applied(revision=revision, outcome=outcome, reason=reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "Bookable"),
        ({"published": False, "resources": 0, "prices": 0}, "Unpublished"),
        ({"resources": 0, "prices": 0}, "NoResources"),
        ({"prices": 0, "ever_open": False}, "NoPrices"),
        ({"ever_open": False}, "NoOpeningHours"),
        ({"booking": None}, "AwaitingBooking"),
        ({"booking": answer(6)}, "AwaitingBooking"),
        ({"booking": answer(7, "refused", "SlotTooLong")}, "SlotTooLong"),
    ],
)
def test_bookable_or_the_first_reason_why_not(changes: dict[str, Any], reason: str) -> None:
    facts: dict[str, Any] = {"published": True, "resources": 1, "prices": 1, "ever_open": True}
    found = bookable(**(facts | {"revision": 7, "booking": answer(7)} | changes))
    assert (found.status, found.reason) == (reason == "Bookable", reason)


def test_only_a_newer_revision_or_another_outcome_of_the_same_replaces_an_answer() -> None:
    assert newer(None, answer(1))
    assert newer(answer(1), answer(2))
    assert newer(answer(2), answer(2, "refused", "Full"))
    assert not newer(answer(2), answer(2))
    assert not newer(answer(2), answer(1, "refused", "Full"))
