"""The API process of geo: ``python -m mesto.geo.app``."""

from __future__ import annotations

from fastapi import FastAPI
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
from mesto.contracts.policy import GeoPolicy
from mesto.geo import bootstrap
from mesto.geo.cities import api as cities
from mesto.geo.cities import internal_api as cities_internal
from mesto.geo.datasets import internal_api as datasets_internal
from mesto.geo.layers import api as layers
from mesto.geo.locations import events
from mesto.geo.locations import internal_api as locations_internal
from mesto.geo.nearby import api as nearby
from mesto.geo.settings import GeoSettings
from mesto.geo.tables import JOBS, OUTBOX


def openapi_apps() -> dict[str, FastAPI]:
    """Return the two applications without anything behind them: enough for their OpenAPI."""
    public = [cities.router, layers.router, nearby.router]
    internal = [datasets_internal.router, cities_internal.router, locations_internal.router]
    return {
        "public": create_app("geo", public, title="Mesto geo", public=True),
        "internal": create_app(
            "geo",
            [*internal, jobs_router, configuration_router(GeoPolicy)],
            title="Mesto geo, internal",
            public=False,
            body_bytes=datasets_internal.BODY_BYTES,
        ),
    }


def build(settings: GeoSettings) -> Service:
    """Return the whole process, not yet running."""
    geo = bootstrap.build(settings)
    database, configuration = geo.database, geo.configuration
    configuration.changed = geo.locations.apply_policy
    broker = Broker(settings.broker_url.get_secret_value(), "geo", database, events.handlers(geo.locations))
    relay = Relay(database, OUTBOX, broker, "geo")
    jobs = Jobs("geo", JOBS)
    measures = Measures(database, "geo", [outbox_reader(OUTBOX, "geo"), audit_reader(jobs)])
    apps = openapi_apps()
    for app in apps.values():
        app.state.geo = geo
    apps["internal"].state.jobs_context = JobsContext(database, jobs)

    async def consume() -> None:
        # Without the cities every space would first be told to be in an unknown one.
        await configuration.wait_until_read()
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
