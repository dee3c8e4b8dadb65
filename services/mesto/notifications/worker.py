"""Celery: mails, and audits and rebuilds when they are due or asked for."""

from __future__ import annotations

from uuid import UUID

from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.runner import JOBS_SECONDS, Runner
from mesto.common.consistency.sources import Sources
from mesto.common.worker.tasks import PUBLISH_SECONDS, LoopThread, Once, at_shutdown, celery_app, every
from mesto.notifications import bootstrap
from mesto.notifications.deliveries.tasks import MailTasks
from mesto.notifications.settings import NotificationsSettings
from mesto.notifications.tables import JOBS

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
        settings = NotificationsSettings.load("notifications")
        notifications = bootstrap.build(settings, "notifications-tasks", pool_size=4)
        self.follow(notifications.configuration)
        self.mails = MailTasks(self, notifications.deliveries, notifications.mail_provider)
        sources = Sources(settings, "notifications")
        jobs_of_service = Jobs("notifications", JOBS)
        self.runner = Runner(notifications.database, jobs_of_service, settings, lambda: notifications.checks(sources))
        at_shutdown(self, self.runner.stop)


runtime = Once(Runtime)


def send_email(delivery_id: str) -> None:
    """Send one mail."""
    runtime().mails.send(UUID(delivery_id))


def sweep() -> None:
    """Send what is due and nobody sends."""
    runtime().mails.sweep()


def prune() -> None:
    """Forget handled events that are old enough."""
    runtime().mails.prune()


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
