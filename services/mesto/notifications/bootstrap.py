"""What notifications consists of, wired once for its API, its worker and its audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesto.common.consistency.checks import Check
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import NotificationsPolicy
from mesto.notifications import consistency
from mesto.notifications.deliveries.providers.base import MailProvider
from mesto.notifications.deliveries.providers.smtp import SmtpServer
from mesto.notifications.deliveries.service import Deliveries
from mesto.notifications.messages.service import Messages
from mesto.notifications.recipients.service import Recipients
from mesto.notifications.settings import NotificationsSettings
from mesto.notifications.tables import CONFIGURATION


@dataclass(frozen=True)
class Notifications:
    """The features of notifications on one database, by the platform's policy.

    Sockets are open in the API's processes only, so ``app.py`` adds them there.
    """

    database: Database
    configuration: Configuration[NotificationsPolicy]
    recipients: Recipients
    messages: Messages
    deliveries: Deliveries
    mail_provider: MailProvider

    def checks(self, sources: Sources) -> Sequence[Check]:
        """Return what the audit looks at, in its order."""
        return consistency.checks(self.database, sources)


def build(settings: NotificationsSettings, name: str = "notifications", pool_size: int | None = None) -> Notifications:
    """Wire the features together; nothing is connected yet. ``name`` is the database pool's in the metrics."""
    database = Database(settings.database_url.get_secret_value(), name, pool_size or settings.pool_size)
    configuration = Configuration(
        database, CONFIGURATION, "notifications", NotificationsPolicy, settings.platform_config
    )
    messages = Messages(settings.public_url)
    deliveries = Deliveries(database, lambda: configuration.policy, messages)
    return Notifications(
        database,
        configuration,
        Recipients(database),
        messages,
        deliveries,
        SmtpServer.from_settings(settings),
    )
