"""``python -m mesto.booking.app``: the API process of booking, with its consumer and its outbox relay."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.booking import figures, tables
from mesto.booking.api import internal, public
from mesto.booking.consumers import handlers
from mesto.booking.service import Bookings
from mesto.booking.settings import BookingSettings
from mesto.common.consistency.internal_api import JobsContext
from mesto.common.consistency.internal_api import router as jobs_router
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.metrics import audit_reader
from mesto.common.database.engine import Database
from mesto.common.messaging.broker import Broker
from mesto.common.messaging.outbox import Relay
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures, outbox_reader
from mesto.common.platform_config.configuration import Configuration
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import BookingSection


def openapi_apps() -> dict[str, FastAPI]:
    """The apps without anything behind them, for their OpenAPI."""
    return {
        "public": create_app("booking", [public.router], title="Mesto booking", public=True),
        "internal": create_app(
            "booking",
            [internal.router, jobs_router, configuration_router(BookingSection)],
            title="Mesto booking (internal)",
            public=False,
            body_bytes=internal.BODY_BYTES,
        ),
    }


def build(settings: BookingSettings) -> Service:
    """Wire the service together; nothing is connected yet."""
    database = Database(settings.database_url.get_secret_value(), "booking", settings.pool_size)
    configuration = Configuration(database, tables.configuration, "booking", BookingSection, settings.platform_config)
    bookings = Bookings(database, policy=lambda: configuration.policy)
    configuration.changed = bookings.verdicts.reckon_by
    broker = Broker(settings.broker_url.get_secret_value(), "booking", database, handlers(bookings.projections))
    relay = Relay(database, tables.outbox, broker, "booking")
    jobs = Jobs("booking", tables.jobs)
    readers = [outbox_reader(tables.outbox, "booking"), figures.read, audit_reader(jobs)]
    measures = Measures(database, "booking", readers)
    apps = openapi_apps()
    for app in apps.values():
        app.state.bookings = bookings
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, database.close],
    )


def main() -> None:
    settings = BookingSettings.load("booking")
    telemetry.configure(settings, "booking")
    build(settings).run()


if __name__ == "__main__":
    main()
