"""What a booking's payments must be; each rule with what breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from mesto.booking.payment_audit.rules import Account, Payment, Step, faults
from mesto.booking.pricing.rules import Tier

START = datetime(2026, 12, 1, 10, tzinfo=UTC)
FULL, HALF = START - timedelta(days=2), START - timedelta(hours=5)
PAID = Payment("succeeded", Decimal("500.00"), "RUB", Decimal(0))
BACK = replace(PAID, status="refunded", refunded=Decimal("500.00"))
PART = replace(PAID, status="partially_refunded", refunded=Decimal("250.00"))
OPEN, FAILED = replace(PAID, status="open"), replace(PAID, status="failed")


def account(
    status: str, *payments: Payment, before: str | None = None, at: datetime = FULL, cause: str = ""
) -> Account:
    refunds = {"refunded": Decimal("500.00"), "partially_refunded": Decimal("250.00"), "succeeded": Decimal("0.00")}
    taken = [payment.status for payment in payments if payment.status in refunds]
    gave_back = status in ("cancelled", "declined") and before in ("confirmed", "awaiting_approval") and taken
    return Account(
        status=status,
        revision=3,
        total=Decimal("500.00"),
        currency="RUB",
        refund=refunds[taken[0]] if gave_back else None,
        starts_at=START,
        tiers=[Tier(1440, 100), Tier(120, 50)],
        payments=payments,
        last=Step(3, before, status, cause, at),
    )


RENTER, OWNER = "cancelled_by_renter", "cancelled_by_owner"
RIGHT = [
    account("held", OPEN),
    account("held", FAILED, OPEN, before=None),
    account("expired", before="held"),
    account("expired", BACK, before="held"),
    account("confirmed", FAILED, PAID, before="held"),
    account("awaiting_approval", PAID, before="held"),
    account("completed", PAID, before="confirmed"),
    account("cancelled", before="held"),
    account("cancelled", BACK, before="held"),
    account("cancelled", BACK, before="confirmed", cause=RENTER),
    account("cancelled", PART, before="confirmed", at=HALF, cause=RENTER),
    account("cancelled", PAID, before="confirmed", at=START - timedelta(hours=1), cause=RENTER),
    account("cancelled", BACK, before="confirmed", at=HALF, cause=OWNER),
    account("cancelled", BACK, before="awaiting_approval", at=HALF, cause=RENTER),
    account("declined", BACK, before="awaiting_approval", at=HALF),
]
WRONG = [
    (account("confirmed", before="held"), "not paid for"),
    (account("confirmed", OPEN, before="held"), "not paid for"),
    (account("confirmed", BACK, before="held"), "not paid for"),
    (account("confirmed", PART, before="held"), "paid for and refunded"),
    (account("confirmed", PAID, PAID, before="held"), "paid for and refunded"),
    (account("expired", PAID, before="held"), "money kept although nothing is booked"),
    (account("held", PAID), "money kept although nothing is booked"),
    (account("cancelled", PAID, before="held"), "money kept although nothing was booked"),
    (account("cancelled", before="confirmed", cause=RENTER), "cancelled after a payment that is not there"),
    (account("cancelled", PAID, before="confirmed", at=HALF, cause=RENTER), "refunded 0, due 250.00"),
    (account("cancelled", PART, before="confirmed", at=FULL, cause=RENTER), "refunded 250.00, due 500.00"),
    (account("cancelled", PART, before="confirmed", at=HALF, cause=OWNER), "refunded 250.00, due 500.00"),
    (account("declined", PAID, before="awaiting_approval"), "refunded 0, due 500.00"),
    (account("confirmed", replace(PAID, amount=Decimal(1)), before="held"), "a payment of another amount"),
    (account("confirmed", replace(PAID, currency="USD"), before="held"), "a payment of another amount"),
    (account("confirmed", replace(PAID, refunded=Decimal(1)), before="held"), "contradict each other"),
    (replace(account("cancelled", BACK, before="confirmed", cause=RENTER), refund=None), "the booking says None"),
    (replace(account("cancelled", before="held"), refund=Decimal(1)), "a refund without a payment"),
    (replace(account("confirmed", PAID, before="held"), revision=4), "its history ends elsewhere"),
    (replace(account("confirmed", PAID, before="held"), last=None), "its history ends elsewhere"),
    (replace(account("confirmed", PAID, before="held"), status="completed"), "its history ends elsewhere"),
]


@pytest.mark.parametrize("account", RIGHT, ids=lambda account: f"{account.status}-{len(account.payments)}")
def test_what_is_right_has_no_fault(account: Account) -> None:
    assert list(faults(account)) == []


@pytest.mark.parametrize(("account", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_is_wrong_is_said(account: Account, sentence: str) -> None:
    assert any(sentence in fault for fault in faults(account)), list(faults(account))


def test_a_free_booking_needs_no_payment() -> None:
    assert list(faults(replace(account("confirmed", before="held"), total=Decimal(0)))) == []
