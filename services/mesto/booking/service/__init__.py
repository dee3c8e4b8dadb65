"""What booking does: load, apply a rule, save, record the event, in one transaction. One module per group of uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mesto.booking.service import core
from mesto.booking.service.availability import Availability
from mesto.booking.service.bookable import Verdicts
from mesto.booking.service.holds import Holds
from mesto.booking.service.lifecycle import Lifecycle
from mesto.booking.service.payments import Payments
from mesto.booking.service.projections import Projections
from mesto.booking.service.proposals import Proposals
from mesto.booking.service.quotes import Quotes
from mesto.common.database.engine import Database
from mesto.contracts.policy import BookingSection


class Bookings:
    """All uses over one database. ``clock`` tells the present, in UTC, ``policy`` what the platform wants now."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = core.utc_now,
        policy: Callable[[], BookingSection] = BookingSection,
    ) -> None:
        self.availability = Availability(database, clock)
        self.holds = Holds(database, clock, policy)
        self.lifecycle = Lifecycle(database, clock)
        self.payments = Payments(database, clock, policy)
        self.quotes = Quotes(database, clock, policy)
        self.projections = Projections(database, clock, policy)
        self.verdicts = Verdicts(database, clock, policy)
        self.proposals = Proposals(database, clock)
