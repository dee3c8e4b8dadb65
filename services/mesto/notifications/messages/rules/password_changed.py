"""What the mail says that tells of a password that was changed by who knew it."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import notices
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "password_changed", "/recover"


def compose(locale: Language, at: datetime, device: str | None) -> MailText:
    """Return the words of the mail."""
    russian = locale == "ru"
    return MailText(
        subject="Пароль изменён" if russian else "Your password was changed",
        greeting=notices.GREETING[locale],
        lead="Пароль вашего аккаунта в Месте изменён."
        if russian
        else "The password of your Mesto account was changed.",
        facts=notices.facts(locale, at, device),
        notes=[
            "На других устройствах придётся войти заново. Если пароль меняли вы, делать ничего не нужно."
            if russian
            else "Other devices have been signed out. If it was you, there is nothing to do.",
            "Если не вы, восстановите доступ: задайте новый пароль по ссылке, которую мы пришлём на этот адрес."
            if russian
            else "If it was not you, recover the account: set a new password by a link that we send to this address.",
        ],
        button="Восстановить доступ" if russian else "Recover the account",
        footer=notices.FOOTER[locale],
    )
