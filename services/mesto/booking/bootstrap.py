"""What booking consists of, wired once for its API, its worker and its audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mesto.booking import consistency
from mesto.booking.availability.service import Availability
from mesto.booking.bookable.service import Verdicts
from mesto.booking.hold_budget.service import HoldBudgets
from mesto.booking.holds.service import Holds
from mesto.booking.idempotency.service import Idempotency
from mesto.booking.impact.service import Proposals
from mesto.booking.lifecycle.service import Lifecycle
from mesto.booking.payments.service import Payments
from mesto.booking.projections.service import Projections
from mesto.booking.quotes.service import Quotes
from mesto.booking.settings import BookingSettings
from mesto.booking.tables import CONFIGURATION
from mesto.booking.transactions import utc_now
from mesto.booking.users.service import Users
from mesto.common.consistency.checks import Check
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import BookingSection


@dataclass(frozen=True)
class BookingService:
    """The features of booking on one database, by the platform's policy."""

    database: Database
    configuration: Configuration[BookingSection]
    users: Users
    projections: Projections
    verdicts: Verdicts
    availability: Availability
    idempotency: Idempotency
    holds: Holds
    quotes: Quotes
    payments: Payments
    lifecycle: Lifecycle
    proposals: Proposals

    def checks(self, sources: Sources) -> Sequence[Check]:
        """Return what the audit looks at, in its order."""
        return consistency.checks(self.database, self.projections, sources)


def build(settings: BookingSettings, name: str = "booking", pool_size: int | None = None) -> BookingService:
    """Wire the features together; nothing is connected yet. ``name`` is the database pool's in the metrics."""
    database = Database(settings.database_url.get_secret_value(), name, pool_size or settings.pool_size)
    configuration = Configuration(database, CONFIGURATION, "booking", BookingSection, settings.platform_config)
    return wire(database, configuration)


def wire(
    database: Database, configuration: Configuration[BookingSection], clock: Callable[[], datetime] = utc_now
) -> BookingService:
    """Wire the features on a database; ``clock`` tells the present, in UTC."""
    users, availability = Users(database), Availability(database, clock)
    idempotency = Idempotency(database, clock)
    payments, verdicts = Payments(database, configuration, clock), Verdicts(database, configuration, clock)
    configuration.changed = verdicts.apply_policy
    return BookingService(
        database,
        configuration,
        users,
        Projections(database, configuration, clock),
        verdicts,
        availability,
        idempotency,
        Holds(database, configuration, idempotency, HoldBudgets(users), availability, clock),
        Quotes(database, configuration, clock),
        payments,
        Lifecycle(database, users, payments, clock),
        Proposals(database, clock),
    )
