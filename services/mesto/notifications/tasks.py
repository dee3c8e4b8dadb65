"""Celery: mails. A consumer starts one task per mail; beat looks every few seconds for those whose task was lost.

``celery -A mesto.notifications.tasks:app worker -P threads -c 2 -Q notifications`` and ``… beat``.
"""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import structlog
from celery import Celery
from celery.signals import setup_logging
from mesto.common import platform, telemetry
from mesto.common.db import Database
from mesto.common.settings import CommonSettings
from mesto.notifications import mail
from mesto.notifications.service import Deliveries, Outgoing
from mesto.notifications.settings import NotificationsSettings
from prometheus_client import Counter

T = TypeVar("T")
log = structlog.get_logger(__name__)
MAILS = Counter("mesto_mails_total", "Mails by outcome", ["kind", "outcome"])
SWEEP_SECONDS = 5.0
SWEEP_BATCH = 50
PRUNE_SECONDS = 3600.0
TASK_TIMEOUT = 60

app = Celery("notifications", broker=CommonSettings().broker_url.get_secret_value() or None, set_as_current=False)
app.conf.update(
    task_default_queue="notifications",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    result_backend=None,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=4,
    broker_transport_options={"confirm_publish": True},
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        # Missed rounds need no catching up: each looks at everything that is due.
        "sweep": {"task": "notifications.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS * 5}},
        "prune": {"task": "notifications.prune", "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
    },
)


class Runtime:
    """An event loop in a thread of its own, so that all tasks of a worker share one pool of connections."""

    def __init__(self) -> None:
        self.settings = NotificationsSettings.load("notifications")
        email = platform.load(self.settings.platform_config).notifications.email
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="notifications-tasks", daemon=True).start()
        self.database = Database(self.settings.database_url.get_secret_value(), "notifications-tasks", pool_size=4)
        self.deliveries = Deliveries(self.database, email.sender, self.settings.public_url)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the loop and wait, for a minute at most."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(TASK_TIMEOUT)
        finally:
            future.cancel()

    def deliver(self, outgoing: Outgoing) -> bool:
        """Hand a claimed mail over and write how that went; False when the mail server cannot be talked to."""
        claimed, settings = outgoing.claimed, self.settings
        try:
            mail.hand_over(outgoing.mail, settings.notifications_smtp_host, settings.notifications_smtp_port)
        except mail.Rejected as error:
            log.error("mail_rejected", delivery=str(claimed.id), error=str(error))
            MAILS.labels(claimed.kind, "rejected").inc()
            self.run(self.deliveries.give_up(claimed, str(error)))
            return True
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail_server_away", delivery=str(claimed.id), attempt=claimed.attempts, error=repr(error))
            MAILS.labels(claimed.kind, "postponed").inc()
            self.run(self.deliveries.failed(claimed, repr(error)))
            return False
        self.run(self.deliveries.sent(claimed))
        MAILS.labels(claimed.kind, "sent").inc()
        log.info("mail_sent", delivery=str(claimed.id), kind=claimed.kind)
        return True


_starting = threading.Lock()


@cache
def _made() -> Runtime:
    return Runtime()


def runtime() -> Runtime:
    """The runtime of this process, made with the first task."""
    with _starting:
        return _made()


def _configure_logging(**_: Any) -> None:
    telemetry.configure(CommonSettings(), "notifications-tasks")


setup_logging.connect(_configure_logging)


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


send_email_task = app.task(name="notifications.send_email")(send_email)
sweep_task = app.task(name="notifications.sweep")(sweep)
prune_task = app.task(name="notifications.prune")(prune)


def enqueue(delivery_id: UUID) -> None:
    """Start the sending of a mail. Raises when the broker cannot be reached at once."""
    send_email_task.apply_async(args=[str(delivery_id)], retry=False)
