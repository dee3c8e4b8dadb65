"""What the mail says that asks somebody to verify their address.

Whoever registers may write any address and any name, so nothing of what they wrote stands in this mail.
"""

from __future__ import annotations

from datetime import timedelta

from mesto.contracts.text import Language
from mesto.notifications.messages.rules.formats import format_within
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "verification", "/verify"


def compose(locale: Language, lasts: timedelta) -> MailText:
    """Return the words of the mail with a link that works for so long."""
    within = format_within(lasts, locale)
    if locale == "ru":
        return MailText(
            subject="Подтвердите адрес почты",
            greeting="Здравствуйте!",
            lead="Этот адрес указали при регистрации в Месте. Подтвердите, что он ваш.",
            notes=[
                f"Ссылка сработает один раз в течение {within}, на любом устройстве.",
                "Если регистрировались не вы, ничего не делайте: без подтверждения адрес не даёт никаких прав.",
            ],
            facts=[],
            button="Подтвердить адрес",
            footer="Вы получили это письмо, потому что ваш адрес указали при регистрации в Месте.",
        )
    return MailText(
        subject="Verify your e-mail address",
        greeting="Hello,",
        lead="This address was given when somebody registered with Mesto. Please confirm that it is yours.",
        notes=[
            f"The link works once, for {within}, on any device.",
            "If it was not you, do nothing: unless it is verified, the address gives no rights.",
        ],
        facts=[],
        button="Verify the address",
        footer="You are receiving this because your address was given when somebody registered with Mesto.",
    )
