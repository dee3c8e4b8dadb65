"""What a service that takes our mails is to us, whichever it is."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class MailServiceUnavailable(Exception):
    """The mail was not taken for now; the message is the cause's, for the log and for who looks at the delivery."""


class MailProvider(Protocol):
    """A service that takes mails."""

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail over; waits.

        Raises MailRejected when trying again is useless, MailServiceUnavailable when it is not.
        """
