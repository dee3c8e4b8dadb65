"""Settings of notifications."""

from __future__ import annotations

from datetime import timedelta

from mesto.common.settings import ServiceSettings

SENDING_LEASE = timedelta(seconds=90)
"""A worker has this long to hand over a claimed mail; then another may (the first was killed)."""
SMTP_SECONDS = 10
"""For each of the six steps of a mail, so that all of them end within the lease."""
INBOX_LIFETIME = timedelta(days=30)


class NotificationsSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_NOTIFICATIONS_…``."""

    service: str = "notifications"
    notifications_smtp_host: str = "127.0.0.1"
    notifications_smtp_port: int = 1025
