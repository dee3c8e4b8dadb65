"""What a booking would cost, and its terms, before anything is held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mesto.booking.booking_rules.rules import RuleViolation, check, rules_of
from mesto.booking.booking_rules.service import rule_problem
from mesto.booking.holds.records import HoldRequest
from mesto.booking.pricing.rules import refund_tiers
from mesto.booking.quotes.records import PricedRequest
from mesto.booking.spaces import service as spaces
from mesto.booking.transactions import utc_now
from mesto.common.database.engine import Database
from mesto.common.errors import not_found
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import BookingSection


class Quotes:
    """Prices, by the rules that a hold is made by."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration[BookingSection],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.configuration, self.clock = database, configuration, clock

    async def quote(self, request: HoldRequest) -> PricedRequest:
        """Return the price of a request. Raises Problem as a hold does, but for seats that are taken."""
        async with self.database.read() as connection:
            resource = await spaces.find_resource(connection, request.resource_id)
        if resource is None or resource.removed or not resource.active:
            raise not_found("This resource")
        rules = rules_of(resource, self.configuration.policy.max_duration_minutes)
        try:
            found = check(rules, request.start, request.end, request.seats, self.clock())
        except RuleViolation as error:
            raise rule_problem(error) from error
        zone = rules.calendar.zone
        tiers = refund_tiers(resource.cancellation, request.start, zone)
        return PricedRequest(request, found, zone, resource.approval, resource.hold_minutes, tiers)
