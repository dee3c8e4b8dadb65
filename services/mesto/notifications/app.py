"""``python -m mesto.notifications.app``: consumers, and the Socket.IO server before a (still empty) public API."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.common.consistency.internal_api import JobsContext
from mesto.common.consistency.internal_api import router as jobs_router
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.metrics import audit_reader
from mesto.common.database.engine import Database
from mesto.common.identity.tokens import UserVerifier
from mesto.common.messaging.broker import Broker
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures
from mesto.common.platform_config.configuration import Configuration
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import NotificationsPolicy
from mesto.notifications.deliveries.events import handlers
from mesto.notifications.deliveries.service import Inbound
from mesto.notifications.realtime.service import Live
from mesto.notifications.settings import NotificationsSettings
from mesto.notifications.tables import CONFIGURATION, JOBS
from mesto.notifications.worker import enqueue


def openapi_apps() -> dict[str, FastAPI]:
    """The apps without anything behind them, for their OpenAPI."""
    return {
        "public": create_app("notifications", [], title="Mesto notifications", public=True),
        "internal": create_app(
            "notifications",
            [jobs_router, configuration_router(NotificationsPolicy)],
            title="Mesto notifications (internal)",
            public=False,
        ),
    }


def build(settings: NotificationsSettings) -> Service:
    """Wire the service together; nothing is connected yet."""
    database = Database(settings.database_url.get_secret_value(), "notifications", settings.pool_size)
    broker_url = settings.broker_url.get_secret_value()
    verifier = UserVerifier.from_auth(settings)
    live = Live(verifier, broker_url, settings.public_url)
    broker = Broker(broker_url, "notifications", database, handlers(Inbound(database), live, enqueue))
    configuration = Configuration(
        database, CONFIGURATION, "notifications", NotificationsPolicy, settings.platform_config
    )
    jobs = Jobs("notifications", JOBS)
    measures = Measures(database, "notifications", [audit_reader(jobs)])
    apps = openapi_apps()
    apps["public"].state.user_verifier = verifier
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, measures.run],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        farewells=[live.farewell],
        closers=[broker.stop, database.close],
        public_asgi=live.asgi(apps["public"]),
    )


def main() -> None:
    settings = NotificationsSettings.load("notifications")
    telemetry.configure(settings, "notifications")
    build(settings).run()


if __name__ == "__main__":
    main()
