"""What a booking would cost, and its terms, before anything is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mesto.booking.domain import rules
from mesto.booking.domain.money import Quote
from mesto.booking.domain.rules import Broken
from mesto.booking.service import core
from mesto.booking.service.holds import Wanted, broken
from mesto.booking.service.terms import terms
from mesto.booking.store import spaces
from mesto.common.database.engine import Database
from mesto.common.errors import not_found
from mesto.contracts.policy import BookingSection


@dataclass(frozen=True)
class Priced:
    """A wish with its price and the terms of its space."""

    wanted: Wanted
    quote: Quote
    zone: ZoneInfo
    approval: Literal["instant", "owner"]
    hold_minutes: int
    cancellation: list[dict[str, Any]]


class Quotes:
    """Tells prices by the rules that a hold is made by."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.database, self.clock, self.policy = database, clock, policy

    async def quote(self, wanted: Wanted) -> Priced:
        """The price of a wish. Raises Problem as a hold does, but for seats that are taken."""
        async with self.database.read() as connection:
            row = await spaces.resource(connection, wanted.resource_id)
        if row is None or row.removed or not row.active:
            raise not_found("This resource")
        rule = terms(row, self.policy().max_duration_minutes)
        try:
            found = rules.check(rule, wanted.start, wanted.end, wanted.seats, self.clock())
        except Broken as error:
            raise broken(error) from error
        zone = rule.calendar.zone
        tiers = core.refund_tiers(row.cancellation, wanted.start, zone)
        return Priced(wanted, found, zone, row.approval, row.hold_minutes, tiers)
