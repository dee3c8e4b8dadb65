"""What all notices about the safety of an account have in common."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules.formats import format_instant

_WHEN = {"ru": "Когда", "en": "When"}
_DEVICE = {"ru": "Устройство", "en": "Device"}
GREETING = {"ru": "Здравствуйте!", "en": "Hello,"}
FOOTER = {
    "ru": "Вы получили это письмо, потому что оно касается безопасности вашего аккаунта в Месте.",
    "en": "You are receiving this because it concerns the safety of your Mesto account.",
}


def facts(locale: Language, at: datetime, device: str | None = None) -> list[tuple[str, str]]:
    """Return when something happened and, where it is known, on what device."""
    return [(_WHEN[locale], format_instant(at, locale)), *([(_DEVICE[locale], device)] if device else [])]
