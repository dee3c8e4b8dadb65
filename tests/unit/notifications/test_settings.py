"""Settings that are refused."""

from __future__ import annotations

import pytest
from mesto.notifications.settings import NotificationsSettings
from pydantic import ValidationError


@pytest.mark.parametrize(
    "given",
    [
        {"notifications_smtp_username": "mesto"},
        {"notifications_smtp_password": "secret", "notifications_smtp_tls": "starttls"},
        {"notifications_smtp_username": "mesto", "notifications_smtp_password": "secret"},
        {"notifications_smtp_tls": "ssl"},
    ],
)
def test_settings_that_would_tell_the_password_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NotificationsSettings.model_validate({"service": "notifications", "database_url": "postgresql://", **given})
