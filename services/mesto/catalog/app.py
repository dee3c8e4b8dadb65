"""The API process of catalog: ``python -m mesto.catalog.app``."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.catalog import bootstrap
from mesto.catalog.answers import events as answers_events
from mesto.catalog.bootstrap import Catalog
from mesto.catalog.cities import events as cities_events
from mesto.catalog.competitors import api as competitors
from mesto.catalog.competitors import internal_api as competitors_internal
from mesto.catalog.declarations import internal_api as declarations_internal
from mesto.catalog.existence import internal_api as existence_internal
from mesto.catalog.feed import internal_api as feed_internal
from mesto.catalog.owner_edits import api as owner_edits
from mesto.catalog.ownership import events as ownership_events
from mesto.catalog.profiles import api as profiles
from mesto.catalog.search import api as search
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import internal_api as spaces_internal
from mesto.catalog.tables import JOBS, OUTBOX
from mesto.common.consistency.internal_api import JobsContext
from mesto.common.consistency.internal_api import router as jobs_router
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.metrics import audit_reader
from mesto.common.consistency.sources import Sources
from mesto.common.messaging.broker import Broker, side_by_side
from mesto.common.messaging.outbox import Relay
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures, Reader, outbox_reader
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import CatalogPolicy
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

SPACES = Gauge("mesto_catalog_spaces", "Spaces by the reason of Bookable", ["reason"])


def openapi_apps() -> dict[str, FastAPI]:
    """Return the two applications without anything behind them: enough for their OpenAPI."""
    public = [search.router, profiles.router, owner_edits.router, competitors.router]
    internal = [
        feed_internal.router,
        spaces_internal.router,
        declarations_internal.router,
        existence_internal.router,
        competitors_internal.router,
    ]
    return {
        "public": create_app("catalog", public, title="Mesto catalog", public=True, body_bytes=owner_edits.BODY_BYTES),
        "internal": create_app(
            "catalog",
            [*internal, jobs_router, configuration_router(CatalogPolicy)],
            title="Mesto catalog, internal",
            public=False,
            body_bytes=declarations_internal.BODY_BYTES,
        ),
    }


def build(settings: CatalogSettings) -> Service:
    """Return the whole process, not yet running."""
    catalog = bootstrap.build(settings)
    database, configuration = catalog.database, catalog.configuration
    configuration.changed = catalog.spaces.renew_policies
    handlers = side_by_side(
        cities_events.handlers(catalog.cities),
        answers_events.handlers(catalog.answers),
        ownership_events.handlers(catalog.ownership),
    )
    broker = Broker(settings.broker_url.get_secret_value(), "catalog", database, handlers)
    relay = Relay(database, OUTBOX, broker, "catalog")
    jobs, sources = Jobs("catalog", JOBS), Sources(settings, "catalog")

    async def decide_owners() -> None:
        await catalog.ownership.run(sources.facts("auth", "users"))

    measures = Measures(database, "catalog", [outbox_reader(OUTBOX, "catalog"), _counter(catalog), audit_reader(jobs)])
    apps = openapi_apps()
    for app in apps.values():
        app.state.catalog = catalog
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    service = Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run, decide_owners],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, catalog.impact.close, catalog.accounts.close, database.close],
    )
    catalog.feed.stopping = lambda: service.stopping
    return service


def _counter(catalog: Catalog) -> Reader:
    async def count_spaces(connection: AsyncConnection) -> None:
        """Refresh the gauge."""
        counts = await catalog.spaces.count_by_reason(connection)
        SPACES.clear()
        for reason, count in counts.items():
            SPACES.labels(reason).set(count)

    return count_spaces


def main() -> None:
    """Run until SIGTERM."""
    settings = CatalogSettings.load("catalog")
    telemetry.configure(settings, "catalog")
    build(settings).run()


if __name__ == "__main__":
    main()
