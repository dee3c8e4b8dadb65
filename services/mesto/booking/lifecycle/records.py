"""What a cancellation would mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Deadline:
    """Cancelled until ``until``, ``percent`` of the payment comes back."""

    until: datetime
    before_minutes: int
    percent: int


@dataclass(frozen=True)
class CancellationPreview:
    """What cancelling now would mean. ``refund`` is None when nothing was paid."""

    cancellable: bool
    percent: int
    paid: Decimal | None
    refund: Decimal | None
    currency: str
    deadlines: list[Deadline]
