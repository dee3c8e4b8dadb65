"""``python -m mesto.notifications.app``: consumers, and the Socket.IO server before a (still empty) public API."""

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
from mesto.common.metrics import Measures
from mesto.common.serve import Service, create_app
from mesto.common.tokens import UserVerifier
from mesto.contracts.policy import NotificationsPolicy
from mesto.notifications.consumers import handlers
from mesto.notifications.live import Live
from mesto.notifications.service import Inbound
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
    apps["internal"].state.desk = Desk(database, jobs)
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
