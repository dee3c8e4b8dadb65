"""What somebody is told whom a space names as its owner, and who has no account: once, in both languages.

Nobody knows which of them they read. The name of the space is what the platform's own resource says.
"""

from __future__ import annotations

from mesto.contracts.text import Text
from mesto.notifications.messages.rules.text import MailText

KIND, PATH = "owner_invitation", "/register"
LANGUAGES = "ru, en"


def compose(title: Text) -> MailText:
    """Return the words of the mail about a space."""
    names = dict.fromkeys(name for name in (title.ru, title.en) if name)
    return MailText(
        subject="Ваше пространство на Месте · Your space on Mesto",
        greeting="Здравствуйте! · Hello!",
        lead="В Месте вас назвали владельцем пространства. Чтобы управлять им, зарегистрируйтесь с этим адресом "
        "почты и подтвердите его: пространство появится в вашем кабинете.",
        facts=[("Пространство · Space", " · ".join(names))] if names else [],
        notes=[
            "Если пространство не ваше, ничего не делайте: без подтверждения адрес не даёт никаких прав.",
            "You are named as the owner of a space on Mesto. To manage it, register with this e-mail address and "
            "verify it: the space will be in your cabinet.",
            "If the space is not yours, do nothing: unless it is verified, the address gives no rights.",
        ],
        button="Зарегистрироваться · Register",
        footer="Мы напишем об этом только один раз. · We write about this only once.",
    )
