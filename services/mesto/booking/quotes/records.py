"""What a quote consists of."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mesto.booking.holds.records import HoldRequest
from mesto.booking.pricing.rules import Quote
from mesto.booking.spaces.records import Approval
from mesto.contracts.events import RefundTier


@dataclass(frozen=True)
class PricedRequest:
    """A request with its price and the terms of its space."""

    request: HoldRequest
    quote: Quote
    zone: ZoneInfo
    approval: Approval
    hold_minutes: int
    cancellation: list[RefundTier]
