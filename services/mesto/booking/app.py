"""The API process of booking, with its consumer and its outbox relay: ``python -m mesto.booking.app``."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.booking import bootstrap
from mesto.booking.availability import api as availability
from mesto.booking.bookable import internal_api as bookable_internal
from mesto.booking.bookings.service import measure
from mesto.booking.holds import api as holds
from mesto.booking.impact import internal_api as impact_internal
from mesto.booking.lifecycle import api as lifecycle
from mesto.booking.payments import api as payments
from mesto.booking.projections import events as projections_events
from mesto.booking.quotes import api as quotes
from mesto.booking.settings import BookingSettings
from mesto.booking.tables import JOBS, OUTBOX
from mesto.booking.users import events as users_events
from mesto.common.consistency.internal_api import JobsContext
from mesto.common.consistency.internal_api import router as jobs_router
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.metrics import audit_reader
from mesto.common.messaging.broker import Broker
from mesto.common.messaging.outbox import Relay
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures, outbox_reader
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import BookingSection


def openapi_apps() -> dict[str, FastAPI]:
    """Return the two applications without anything behind them: enough for their OpenAPI."""
    public = [availability.router, quotes.router, holds.router, lifecycle.router, payments.router]
    internal = [bookable_internal.router, impact_internal.router]
    return {
        "public": create_app("booking", public, title="Mesto booking", public=True),
        "internal": create_app(
            "booking",
            [*internal, jobs_router, configuration_router(BookingSection)],
            title="Mesto booking (internal)",
            public=False,
            body_bytes=impact_internal.BODY_BYTES,
        ),
    }


def build(settings: BookingSettings) -> Service:
    """Return the whole process, not yet running."""
    booking = bootstrap.build(settings)
    database = booking.database
    handlers = {**projections_events.handlers(booking.projections), **users_events.handlers(booking.users)}
    broker = Broker(settings.broker_url.get_secret_value(), "booking", database, handlers)
    relay = Relay(database, OUTBOX, broker, "booking")
    jobs = Jobs("booking", JOBS)
    measures = Measures(database, "booking", [outbox_reader(OUTBOX, "booking"), measure, audit_reader(jobs)])
    apps = openapi_apps()
    for app in apps.values():
        app.state.booking = booking
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run],
        configuration=booking.configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, database.close],
    )


def main() -> None:
    """Run until SIGTERM."""
    settings = BookingSettings.load("booking")
    telemetry.configure(settings, "booking")
    build(settings).run()


if __name__ == "__main__":
    main()
