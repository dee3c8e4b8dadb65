"""What the mail says that tells of a password that was set by a mailed link."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import notices
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "password_recovered", "/recover"


def compose(locale: Language, at: datetime, device: str | None) -> MailText:
    """Return the words of the mail."""
    russian = locale == "ru"
    return MailText(
        subject="Доступ восстановлен, пароль новый" if russian else "Your account was recovered with a new password",
        greeting=notices.GREETING[locale],
        lead="По ссылке из письма задан новый пароль вашего аккаунта в Месте."
        if russian
        else "A new password was set for your Mesto account by the link that we had sent.",
        facts=notices.facts(locale, at, device),
        notes=[
            "На всех устройствах придётся войти заново с новым паролем."
            if russian
            else "All devices have been signed out; sign in with the new password.",
            "Если это были не вы, кто-то читает вашу почту: смените её пароль, затем восстановите доступ к Месту."
            if russian
            else "If it was not you, somebody reads your mail: change its password, then recover your Mesto account.",
        ],
        button="Восстановить доступ" if russian else "Recover the account",
        footer=notices.FOOTER[locale],
    )
