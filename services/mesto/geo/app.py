"""Wiring of the geo process: ``python -m mesto.geo.app``."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.common import telemetry
from mesto.common.audit.api import Desk
from mesto.common.audit.api import router as jobs_router
from mesto.common.audit.figures import audit_reader
from mesto.common.audit.jobs import Jobs
from mesto.common.broker import Broker
from mesto.common.configuration import Configuration
from mesto.common.configuration_api import configuration_router
from mesto.common.db import Database
from mesto.common.metrics import Measures, outbox_reader
from mesto.common.outbox import Relay
from mesto.common.serve import Service, create_app
from mesto.contracts.policy import GeoPolicy
from mesto.geo import consumers
from mesto.geo.api import internal, public
from mesto.geo.queries import Queries
from mesto.geo.service import Geo
from mesto.geo.settings import GeoSettings
from mesto.geo.tables import CONFIGURATION, JOBS, OUTBOX


def openapi_apps() -> dict[str, FastAPI]:
    """The two applications without anything behind them: enough for their OpenAPI."""
    return {
        "public": create_app("geo", [public.router], title="Mesto geo", public=True),
        "internal": create_app(
            "geo",
            [internal.router, jobs_router, configuration_router(GeoPolicy)],
            title="Mesto geo, internal",
            public=False,
            body_bytes=internal.BODY_BYTES,
        ),
    }


def build(settings: GeoSettings) -> Service:
    """The whole process, not yet running."""
    database = Database(settings.database_url.get_secret_value(), "geo", settings.pool_size)
    configuration = Configuration(database, CONFIGURATION, "geo", GeoPolicy, settings.platform_config)
    geo = Geo(database, configuration)
    configuration.changed = geo.sync_cities
    broker = Broker(settings.broker_url.get_secret_value(), "geo", database, consumers.handlers(geo))
    relay = Relay(database, OUTBOX, broker, "geo")
    jobs = Jobs("geo", JOBS)
    measures = Measures(database, "geo", [outbox_reader(OUTBOX, "geo"), audit_reader(jobs)])
    apps = openapi_apps()
    apps["internal"].state.geo = geo
    apps["internal"].state.desk = Desk(database, jobs)
    apps["public"].state.queries = Queries(database)

    async def consume() -> None:
        # Without the cities every space would first be told to be in an unknown one.
        await configuration.first()
        await broker.start()

    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[consume, relay.run, measures.run],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, database.close],
    )


def main() -> None:
    """Run until SIGTERM."""
    settings = GeoSettings.load("geo")
    telemetry.configure(settings, "geo")
    build(settings).run()


if __name__ == "__main__":
    main()
