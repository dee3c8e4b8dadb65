"""What Celery's tasks do with mails: a consumer starts one for each mail, beat one every few seconds for the rest."""

from __future__ import annotations

from uuid import UUID

import structlog
from mesto.common.observability import request_context
from mesto.common.worker.tasks import LoopThread
from mesto.notifications.deliveries.providers.base import MailProvider, MailServiceUnavailable
from mesto.notifications.deliveries.records import ClaimedDelivery
from mesto.notifications.deliveries.service import MAILS, Deliveries, Outgoing
from mesto.notifications.messages.service import MailRejected
from tenacity import retry, stop_after_delay, wait_exponential

log = structlog.get_logger(__name__)
SWEEP_BATCH = 50


class MailTasks:
    """Sends mails in the thread of a task. The database is reached in the loop of ``thread``, as by all tasks."""

    def __init__(self, thread: LoopThread, deliveries: Deliveries, provider: MailProvider) -> None:
        self.thread, self.deliveries, self.provider = thread, deliveries, provider

    def send(self, delivery_id: UUID) -> None:
        """Send one mail, unless it is sent, being sent, not due yet, or its user is not known yet."""
        outgoing = self.thread.run(self.deliveries.claim(delivery_id))
        if outgoing is not None:
            self.deliver(outgoing)

    def sweep(self) -> None:
        """Send what is due and nobody sends: lost tasks, killed workers, pauses that are over, users now known."""
        for _ in range(SWEEP_BATCH):
            outgoing = self.thread.run(self.deliveries.claim())
            if outgoing is None or not self.deliver(outgoing):
                return

    def prune(self) -> None:
        """Forget handled events that are old enough."""
        self.thread.run(self.deliveries.prune())

    def deliver(self, outgoing: Outgoing) -> bool:
        """Hand a claimed mail over and write down how that went; return False when the mail service is away."""
        current = request_context.request_id.set(outgoing.claimed.request_id or request_context.request_id.get())
        try:
            return self._deliver(outgoing)
        finally:
            request_context.request_id.reset(current)

    def _deliver(self, outgoing: Outgoing) -> bool:
        claimed = outgoing.claimed
        try:
            self.provider.send(outgoing.mail)
        except MailRejected as error:
            log.error("mail_rejected", delivery=str(claimed.id), error=str(error))
            MAILS.labels(claimed.kind, "rejected").inc()
            self.thread.run(self.deliveries.give_up(claimed, str(error)))
            return True
        except MailServiceUnavailable as error:
            log.warning("mail_server_away", delivery=str(claimed.id), attempt=claimed.attempts, error=str(error))
            MAILS.labels(claimed.kind, "postponed").inc()
            self.thread.run(self.deliveries.postpone(claimed, str(error)))
            return False
        self._mark_sent(claimed)
        MAILS.labels(claimed.kind, "sent").inc()
        log.info("mail_sent", delivery=str(claimed.id), kind=claimed.kind)
        return True

    @retry(stop=stop_after_delay(45), wait=wait_exponential(max=5), reraise=True)
    def _mark_sent(self, claimed: ClaimedDelivery) -> None:
        """Mark a mail sent: while the lease lasts, a database that is away must not make it a second one."""
        self.thread.run(self.deliveries.mark_sent(claimed))
