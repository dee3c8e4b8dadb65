"""Wiring of the catalog process: ``python -m mesto.catalog.app``."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.catalog.answers import events as consumers
from mesto.catalog.owner_edits.client import Accounts
from mesto.catalog.competitors import api as competitors
from mesto.catalog.declarations import internal_api as internal
from mesto.catalog.owner_edits import api as owners
from mesto.catalog.search import api as public
from mesto.catalog.competitors import internal_api as runs
from mesto.catalog.existence.service import Existence
from mesto.catalog.competitors.service import Offers
from mesto.catalog.owner_edits.service import Owners
from mesto.catalog.search.service import Queries
from mesto.catalog.declarations.service import Catalog
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import store
from mesto.catalog.tables import CONFIGURATION, JOBS, OUTBOX
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
from mesto.contracts.policy import CatalogPolicy
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

SPACES = Gauge("mesto_catalog_spaces", "Spaces by the reason of Bookable", ["reason"])


def openapi_apps() -> dict[str, FastAPI]:
    """The two applications without anything behind them: enough for their OpenAPI."""
    return {
        "public": create_app(
            "catalog",
            [public.router, owners.router, competitors.router],
            title="Mesto catalog",
            public=True,
            body_bytes=owners.BODY_BYTES,
        ),
        "internal": create_app(
            "catalog",
            [internal.router, runs.router, jobs_router, configuration_router(CatalogPolicy)],
            title="Mesto catalog, internal",
            public=False,
            body_bytes=internal.BODY_BYTES,
        ),
    }


async def count_spaces(connection: AsyncConnection) -> None:
    """Refresh the gauge."""
    counts = await store.count_by_reason(connection)
    SPACES.clear()
    for reason, count in counts.items():
        SPACES.labels(reason).set(count)


def build(settings: CatalogSettings) -> Service:
    """The whole process, not yet running."""
    database = Database(settings.database_url.get_secret_value(), "catalog", settings.pool_size)
    configuration = Configuration(database, CONFIGURATION, "catalog", CatalogPolicy, settings.platform_config)
    catalog = Catalog(settings, database, configuration)
    configuration.changed = catalog.renew_policies
    broker = Broker(settings.broker_url.get_secret_value(), "catalog", database, consumers.handlers(catalog))
    relay = Relay(database, OUTBOX, broker, "catalog")
    jobs = Jobs("catalog", JOBS)
    readers = [outbox_reader(OUTBOX, "catalog"), count_spaces, audit_reader(jobs)]
    measures = Measures(database, "catalog", readers)
    apps, accounts = openapi_apps(), Accounts(settings)
    apps["internal"].state.catalog = catalog
    apps["internal"].state.existence = Existence(database)
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    apps["public"].state.offers = apps["internal"].state.offers = Offers(database)
    apps["public"].state.owners = Owners(catalog, accounts)
    apps["public"].state.queries = Queries(database, configuration)

    service = Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, catalog.asking.close, accounts.close, database.close],
    )
    catalog.feed.stopping = lambda: service.stopping
    return service


def main() -> None:
    """Run until SIGTERM."""
    settings = CatalogSettings.load("catalog")
    telemetry.configure(settings, "catalog")
    build(settings).run()


if __name__ == "__main__":
    main()
