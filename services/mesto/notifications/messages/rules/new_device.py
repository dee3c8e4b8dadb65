"""What the mail says that tells of a sign-in from a device that was not known."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import notices
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "new_device", "/recover"


def compose(locale: Language, at: datetime, device: str | None) -> MailText:
    """Return the words of the mail."""
    russian = locale == "ru"
    return MailText(
        subject="Вход с нового устройства" if russian else "A sign-in from a new device",
        greeting=notices.GREETING[locale],
        lead="В ваш аккаунт в Месте вошли с устройства, с которого раньше не входили."
        if russian
        else "Somebody signed in to your Mesto account from a device that had not been used before.",
        facts=notices.facts(locale, at, device),
        notes=[
            "Если это были вы, делать ничего не нужно." if russian else "If it was you, there is nothing to do.",
            "Если нет, задайте новый пароль: тогда на всех устройствах придётся войти заново."
            if russian
            else "If not, set a new password: all devices will be signed out.",
        ],
        button="Задать новый пароль" if russian else "Set a new password",
        footer=notices.FOOTER[locale],
    )
