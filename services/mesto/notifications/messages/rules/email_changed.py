"""What the former address is told when an account has got another one. The new one does not stand in it."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import notices
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "email_changed", "/undo-email"


def compose(locale: Language, at: datetime, device: str | None) -> MailText:
    """Return the words of the mail; its link takes the change back."""
    russian = locale == "ru"
    return MailText(
        subject="Адрес вашего аккаунта изменён" if russian else "The address of your account was changed",
        greeting=notices.GREETING[locale],
        lead="У вашего аккаунта в Месте теперь другой адрес почты. Письма на этот адрес больше не придут."
        if russian
        else "Your Mesto account has another e-mail address now. We will send no more mails to this one.",
        facts=notices.facts(locale, at, device),
        notes=[
            "Если адрес меняли вы, делать ничего не нужно." if russian else "If it was you, there is nothing to do.",
            "Если не вы, верните прежний адрес: на всех устройствах аккаунт закроется, нынешний пароль перестанет "
            "действовать, а на этот адрес придёт ссылка для нового."
            if russian
            else "If it was not you, take the address back: all devices are signed out, the present password works no "
            "more, and a link that sets a new one comes to this address.",
        ],
        button="Вернуть прежний адрес" if russian else "Take the address back",
        footer=notices.FOOTER[locale],
    )
