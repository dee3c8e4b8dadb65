"""The API process of notifications, ``python -m mesto.notifications.app``: consumers, and sockets before the API."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.common.consistency.internal_api import JobsContext
from mesto.common.consistency.internal_api import router as jobs_router
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.metrics import audit_reader
from mesto.common.identity.tokens import UserVerifier
from mesto.common.messaging.broker import Broker, side_by_side
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import NotificationsPolicy
from mesto.notifications import bootstrap
from mesto.notifications.deliveries import events as deliveries
from mesto.notifications.realtime import events as realtime
from mesto.notifications.realtime.service import Realtime
from mesto.notifications.recipients import events as recipients
from mesto.notifications.settings import NotificationsSettings
from mesto.notifications.tables import JOBS
from mesto.notifications.worker import enqueue


def openapi_apps() -> dict[str, FastAPI]:
    """Return the two applications without anything behind them: enough for their OpenAPI."""
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
    """Return the whole process, not yet running."""
    notifications = bootstrap.build(settings)
    database = notifications.database
    broker_url = settings.broker_url.get_secret_value()
    verifier = UserVerifier.from_auth(settings)
    sockets = Realtime(verifier, broker_url, settings.public_url)
    handlers = side_by_side(
        realtime.handlers(sockets),
        deliveries.handlers(notifications.deliveries, enqueue),
        recipients.handlers(notifications.recipients),
    )
    broker = Broker(broker_url, "notifications", database, handlers)
    jobs = Jobs("notifications", JOBS)
    measures = Measures(database, "notifications", [audit_reader(jobs)])
    apps = openapi_apps()
    apps["public"].state.user_verifier = verifier
    for app in apps.values():
        app.state.notifications = notifications
    apps["internal"].state.jobs_context = JobsContext(database, jobs)
    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, measures.run],
        configuration=notifications.configuration,
        checks={"database": database.ping, "broker": broker.ping},
        farewells=[sockets.close_all],
        closers=[broker.stop, database.close],
        public_asgi=sockets.asgi(apps["public"]),
    )


def main() -> None:
    """Run until SIGTERM."""
    settings = NotificationsSettings.load("notifications")
    telemetry.configure(settings, "notifications")
    build(settings).run()


if __name__ == "__main__":
    main()
