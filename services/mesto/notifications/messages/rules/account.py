"""The mails about accounts: which there are, where their links lead, and what becomes of what they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from mesto.contracts.text import Language
from mesto.notifications.messages.rules import (
    address_taken,
    email_change,
    email_changed,
    new_device,
    password_changed,
    password_recovered,
    recovery,
    verification,
)
from mesto.notifications.messages.rules.text import MailText

LinkMail = Callable[[Language, timedelta], MailText]


class NoticeMail(Protocol):
    """How a notice is written."""

    def __call__(self, locale: Language, at: datetime, device: str | None) -> MailText:
        """Return the words of the mail."""


LINK_MAILS: Mapping[str, tuple[LinkMail, str]] = {
    mail.KIND: (mail.compose, mail.PATH) for mail in (verification, recovery, email_change)
}
"""What a mail with a link says, and the page that the link leads to, by kind."""
NOTICES: Mapping[str, tuple[NoticeMail, str]] = {
    mail.KIND: (mail.compose, mail.PATH)
    for mail in (password_changed, password_recovered, email_changed, address_taken, new_device)
}
"""The same of notices."""
KINDS = frozenset((*LINK_MAILS, *NOTICES))
"""Their contents are forgotten when they are sent: they carry tokens and addresses."""
