"""What the mail says that asks somebody to confirm an account's new address.

Anybody may name any address as theirs, so nothing stands in it that somebody else may have written.
"""

from __future__ import annotations

from datetime import timedelta

from mesto.contracts.text import Language
from mesto.notifications.messages.rules.formats import format_within
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "email_change", "/confirm-email"


def compose(locale: Language, lasts: timedelta) -> MailText:
    """Return the words of the mail with a link that works for so long."""
    within = format_within(lasts, locale)
    if locale == "ru":
        return MailText(
            subject="Подтвердите новый адрес почты",
            greeting="Здравствуйте!",
            lead="Этот адрес указали как новый адрес аккаунта в Месте. Подтвердите, что он ваш.",
            notes=[
                f"Ссылка сработает один раз в течение {within}, на любом устройстве.",
                "Если вы не меняли адрес, ничего не делайте: аккаунт не ваш, и без подтверждения ничего не изменится.",
            ],
            facts=[],
            button="Подтвердить новый адрес",
            footer="Вы получили это письмо, потому что ваш адрес указали как новый адрес аккаунта в Месте.",
        )
    return MailText(
        subject="Confirm your new e-mail address",
        greeting="Hello,",
        lead="This address was given as the new address of a Mesto account. Please confirm that it is yours.",
        notes=[
            f"The link works once, for {within}, on any device.",
            "If you did not change your address, do nothing: the account is not yours, and unless the address is "
            "confirmed, nothing changes.",
        ],
        facts=[],
        button="Confirm the new address",
        footer="You are receiving this because your address was given as the new one of a Mesto account.",
    )
