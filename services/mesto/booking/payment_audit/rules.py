"""What a booking's payments must be, by its status and the terms that the renter accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mesto.booking.pricing.rules import Tier, refund_percent, share
from mesto.booking.state_machine.rules import Status

KEPT = ("succeeded", "partially_refunded")
PAID = (Status.AWAITING_APPROVAL, Status.CONFIRMED, Status.COMPLETED)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Payment:
    """A payment as it is stored."""

    status: str
    amount: Decimal
    currency: str
    refunded: Decimal


@dataclass(frozen=True)
class Step:
    """The newest step of a booking's history."""

    revision: int
    before: str | None
    after: str
    cause: str
    at: datetime


@dataclass(frozen=True)
class Account:
    """A booking with all that was paid for it. ``refund`` is what the booking says came back."""

    status: str
    revision: int
    total: Decimal
    currency: str
    refund: Decimal | None
    starts_at: datetime
    tiers: Sequence[Tier]
    payments: Sequence[Payment]
    last: Step | None


def _sums(payment: Payment) -> bool:
    match payment.status:
        case "refunded":
            return payment.refunded == payment.amount
        case "partially_refunded":
            return NOTHING < payment.refunded < payment.amount
        case _:
            return payment.refunded == NOTHING


def _percent(account: Account, step: Step) -> int:
    """Return what comes back after a cancellation or refusal that followed a payment."""
    by_renter = step.after == Status.CANCELLED and step.cause != "cancelled_by_owner"
    if not by_renter or step.before == Status.AWAITING_APPROVAL:
        return 100
    return refund_percent(account.tiers, account.starts_at, step.at)


def _ended(account: Account, step: Step, taken: Sequence[Payment]) -> Iterator[str]:
    """Yield the faults of a booking that was cancelled or declined."""
    if step.before not in PAID:
        if account.refund is not None:
            yield "a refund without a payment"
        if any(payment.status in KEPT for payment in taken):
            yield "money kept although nothing was booked"
        return
    if not taken:
        if account.total > NOTHING:
            yield "cancelled after a payment that is not there"
        return
    due = share(taken[0].amount, account.currency, _percent(account, step))
    if taken[0].refunded != due:
        yield f"refunded {taken[0].refunded}, due {due}"
    if account.refund != due:
        yield f"the booking says {account.refund} came back, due {due}"


def faults(account: Account) -> Iterator[str]:
    """Yield sentences, none when all is well."""
    step = account.last
    if step is None or (step.after, step.revision) != (account.status, account.revision):
        yield "its history ends elsewhere"
        return
    taken = [payment for payment in account.payments if payment.status in (*KEPT, "refunded")]
    if any(not _sums(payment) for payment in account.payments):
        yield "a payment's status and refunded amount contradict each other"
    if any((payment.amount, payment.currency) != (account.total, account.currency) for payment in taken):
        yield "a payment of another amount than the booking costs"
    if account.status in PAID:
        if account.total > NOTHING and [payment.status for payment in taken] != ["succeeded"]:
            yield "not paid for" if not any(p.status in KEPT for p in taken) else "paid for and refunded"
    elif account.status in (Status.CANCELLED, Status.DECLINED):
        yield from _ended(account, step, taken)
    elif any(payment.status in KEPT for payment in taken):
        yield "money kept although nothing is booked"
