"""Settings of notifications."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from mesto.common.settings import ServiceSettings
from pydantic import Field, SecretStr, model_validator

SENDING_LEASE = timedelta(seconds=180)
"""A worker has this long to hand over a claimed mail; then another may (the first was killed)."""
SMTP_SECONDS = 10
"""For each step of a mail (13 with TLS and a password): all of them, and writing it down, end within the lease."""
INBOX_LIFETIME = timedelta(days=30)


class NotificationsSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_NOTIFICATIONS_…``."""

    service: str = "notifications"
    notifications_smtp_host: str = "127.0.0.1"
    notifications_smtp_port: int = Field(default=1025, ge=1, le=65535)
    notifications_smtp_tls: Literal["none", "starttls", "implicit"] = "none"
    notifications_smtp_ca: Path | None = None  # whom to trust; default: the certificate authorities of the public web
    notifications_smtp_username: str = ""
    notifications_smtp_password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _passwords_are_not_sent_in_the_clear(self) -> Self:
        password = self.notifications_smtp_password.get_secret_value()
        if bool(self.notifications_smtp_username) != bool(password):
            raise ValueError("the mail server's user and password come together: one of them is missing")
        if not (self.notifications_smtp_username + password).isascii():
            raise ValueError("the mail server's user and password can be in ASCII only")
        if password and self.notifications_smtp_tls == "none":
            raise ValueError("a password needs TLS: set MESTO_NOTIFICATIONS_SMTP_TLS to starttls or implicit")
        return self
