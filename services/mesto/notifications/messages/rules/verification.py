"""What the mail says that asks somebody to verify their address.

Whoever registers may write any address and any name, so nothing of what they wrote stands in this mail.
"""

from __future__ import annotations

from mesto.contracts.plurals import format_count
from mesto.contracts.text import Language
from mesto.notifications.messages.rules.text import MailText

KIND = "verification"
_HOURS = {"one": "часа", "few": "часов", "many": "часов"}  # within so many hours: in the genitive


def compose(locale: Language, hours: int) -> MailText:
    """Return the words of the mail with a link that works for so many hours."""
    if locale == "ru":
        lasts = format_count(hours, _HOURS, locale)
        return MailText(
            subject="Подтвердите адрес почты",
            greeting="Здравствуйте!",
            lead="Этот адрес указали при регистрации в Месте. Подтвердите, что он ваш.",
            notes=[
                f"Ссылка сработает один раз в течение {lasts}, на любом устройстве.",
                "Если регистрировались не вы, ничего не делайте: без подтверждения адрес не даёт никаких прав.",
            ],
            facts=[],
            button="Подтвердить адрес",
            footer="Вы получили это письмо, потому что ваш адрес указали при регистрации в Месте.",
        )
    lasts = format_count(hours, {"one": "hour", "other": "hours"}, locale)
    return MailText(
        subject="Verify your e-mail address",
        greeting="Hello,",
        lead="This address was given when somebody registered with Mesto. Please confirm that it is yours.",
        notes=[
            f"The link works once, for {lasts}, on any device.",
            "If it was not you, do nothing: unless it is verified, the address gives no rights.",
        ],
        facts=[],
        button="Verify the address",
        footer="You are receiving this because your address was given when somebody registered with Mesto.",
    )
