"""Celery: mails. A consumer starts one task per mail; beat looks every few seconds for those whose task was lost."""

from __future__ import annotations

import smtplib
from uuid import UUID

import structlog
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.observability import telemetry
from mesto.common.platform_config.configuration import Configuration
from mesto.common.worker.tasks import PUBLISH_SECONDS, LoopThread, Once, at_shutdown, celery_app, every
from mesto.contracts.policy import NotificationsPolicy
from mesto.notifications import consistency
from mesto.notifications.deliveries.providers import smtp as relay
from mesto.notifications.deliveries.service import MAILS, Deliveries, Outgoing
from mesto.notifications.deliveries.store import Claimed
from mesto.notifications.messages.service import Rejected
from mesto.notifications.settings import NotificationsSettings
from mesto.notifications.tables import CONFIGURATION, JOBS
from tenacity import retry, stop_after_delay, wait_exponential

log = structlog.get_logger(__name__)
SWEEP_BATCH = 50

app = celery_app(
    "notifications",
    {
        "sweep": every(5.0, "notifications.sweep"),
        "prune": every(3600.0, "notifications.prune"),
        "jobs": every(JOBS_SECONDS, "notifications.jobs"),
    },
)


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("notifications-tasks")
        self.settings = NotificationsSettings.load("notifications")
        database = Database(self.settings.database_url.get_secret_value(), "notifications-tasks", pool_size=4)
        configuration = Configuration(
            database, CONFIGURATION, "notifications", NotificationsPolicy, self.settings.platform_config
        )
        self.follow(configuration)
        self.relay = relay.Relay.of(self.settings)
        self.deliveries = Deliveries(database, lambda: configuration.policy, self.settings.public_url)
        sources, table = Sources(self.settings, "notifications"), Jobs("notifications", JOBS)
        self.runner = Runner(database, table, self.settings, lambda: consistency.checks(database, sources))
        at_shutdown(self, self.runner.stop)

    @retry(stop=stop_after_delay(45), wait=wait_exponential(max=5), reraise=True)
    def _write_down(self, claimed: Claimed) -> None:
        """The mail server has it: while the lease lasts, a database that is away must not make it a second mail."""
        self.run(self.deliveries.sent(claimed))

    def deliver(self, outgoing: Outgoing) -> bool:
        """Hand a claimed mail over and write how that went; False when the mail server cannot be talked to."""
        claimed = outgoing.claimed
        current = telemetry.request_id.set(claimed.request_id or telemetry.request_id.get())
        try:
            return self._deliver(outgoing)
        finally:
            telemetry.request_id.reset(current)

    def _deliver(self, outgoing: Outgoing) -> bool:
        claimed = outgoing.claimed
        try:
            relay.hand_over(outgoing.mail, self.relay)
        except Rejected as error:
            log.error("mail_rejected", delivery=str(claimed.id), error=str(error))
            MAILS.labels(claimed.kind, "rejected").inc()
            self.run(self.deliveries.give_up(claimed, str(error)))
            return True
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail_server_away", delivery=str(claimed.id), attempt=claimed.attempts, error=repr(error))
            MAILS.labels(claimed.kind, "postponed").inc()
            self.run(self.deliveries.failed(claimed, repr(error)))
            return False
        self._write_down(claimed)
        MAILS.labels(claimed.kind, "sent").inc()
        log.info("mail_sent", delivery=str(claimed.id), kind=claimed.kind)
        return True


runtime = Once(Runtime)


def send_email(delivery_id: str) -> None:
    """Send one mail, unless it is sent, being sent, not due yet, or its user is not known yet."""
    service = runtime()
    outgoing = service.run(service.deliveries.take(UUID(delivery_id)))
    if outgoing is not None:
        service.deliver(outgoing)


def sweep() -> None:
    """Send what is due and nobody sends: lost tasks, killed workers, pauses that are over, users now known."""
    service = runtime()
    for _ in range(SWEEP_BATCH):
        outgoing = service.run(service.deliveries.take())
        if outgoing is None or not service.deliver(outgoing):
            return


def prune() -> None:
    """Forget handled events that are old enough."""
    service = runtime()
    service.run(service.deliveries.prune())


def jobs() -> None:
    """Do the audits and rebuilds that wait; the night's audit asks for itself."""
    service = runtime()
    service.run(service.runner.run_due(), seconds=None)


send_email_task = app.task(name="notifications.send_email")(send_email)
sweep_task = app.task(name="notifications.sweep")(sweep)
prune_task = app.task(name="notifications.prune")(prune)
jobs_task = app.task(name="notifications.jobs", acks_late=False)(jobs)


def enqueue(delivery_id: UUID) -> None:
    """Start the sending of a mail. Raises when the broker cannot be reached at once."""
    send_email_task.apply_async(args=[str(delivery_id)], retry=False, confirm_timeout=PUBLISH_SECONDS)
