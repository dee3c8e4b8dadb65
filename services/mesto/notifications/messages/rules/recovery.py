"""What the mail says that lets somebody set a new password.

Anybody may ask for it with any address, so nothing stands in it that somebody else may have written.
"""

from __future__ import annotations

from datetime import timedelta

from mesto.contracts.text import Language
from mesto.notifications.messages.rules.formats import format_within
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "recovery", "/recover"


def compose(locale: Language, lasts: timedelta) -> MailText:
    """Return the words of the mail with a link that works for so long."""
    within = format_within(lasts, locale)
    if locale == "ru":
        return MailText(
            subject="Новый пароль",
            greeting="Здравствуйте!",
            lead="Кто-то, возможно вы, забыл пароль от аккаунта в Месте с этим адресом. По ссылке можно задать новый.",
            notes=[
                f"Ссылка сработает один раз в течение {within}, на любом устройстве. После этого на всех устройствах "
                "придётся войти заново.",
                "Если это были не вы, ничего не делайте: без этой ссылки пароль не изменить. Никому её не пересылайте.",
            ],
            facts=[],
            button="Задать новый пароль",
            footer="Вы получили это письмо, потому что для вашего адреса попросили восстановить доступ к Месту.",
        )
    return MailText(
        subject="Set a new password",
        greeting="Hello,",
        lead="Somebody, perhaps you, forgot the password of the Mesto account with this address. Set a new one here.",
        notes=[
            f"It works once, for {within}, on any device. Afterwards you will have to sign in again on all devices.",
            "If it was not you, do nothing: without this link nothing changes. Do not pass it on to anybody.",
        ],
        facts=[],
        button="Set a new password",
        footer="You are receiving this because somebody asked to recover the Mesto account with your address.",
    )
