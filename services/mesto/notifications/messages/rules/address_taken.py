"""What the holder of an address is told when somebody wants it for another account.

Anybody may cause it with any address, so nothing stands in it that somebody else may have written.
"""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import notices
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "address_taken", "/login"


def compose(locale: Language, at: datetime, device: str | None) -> MailText:
    """Return the words of the mail."""
    russian = locale == "ru"
    return MailText(
        subject="Ваш адрес указали в другом аккаунте" if russian else "Your address was given for another account",
        greeting=notices.GREETING[locale],
        lead="Ваш адрес почты хотели указать в другом аккаунте в Месте. Он занят вашим, поэтому ничего не изменилось."
        if russian
        else "Somebody wanted your e-mail address for another Mesto account. Yours has it, so nothing has changed.",
        facts=notices.facts(locale, at, device),
        notes=[
            "Если это были вы, войдите в аккаунт с этим адресом: он у вас уже есть. Если нет, делать ничего не нужно."
            if russian
            else "If it was you, sign in with this address: it has an account already. If not, do nothing.",
        ],
        button="Войти" if russian else "Sign in",
        footer=notices.FOOTER[locale],
    )
