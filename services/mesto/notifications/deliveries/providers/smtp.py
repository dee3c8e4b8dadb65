"""The mail server that our mails go through, by SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import certifi
from mesto.notifications.deliveries.providers.base import MailServiceUnavailable
from mesto.notifications.messages.service import MailRejected
from mesto.notifications.settings import SMTP_SECONDS, NotificationsSettings

# The mail server says that it does not know us (RFC 4954, RFC 3207): our settings are wrong, not the mail.
_UNAUTHORIZED = frozenset({454, 530, 534, 535, 538})


@dataclass(frozen=True)
class SmtpServer:
    """The server that takes our mails. With ``tls`` its certificate is checked, by ``ca`` or the public list."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"] = "none"
    ca: Path | None = None
    username: str = ""
    password: str = ""

    @classmethod
    def from_settings(cls, settings: NotificationsSettings) -> SmtpServer:
        """Return the server of the settings."""
        return cls(
            settings.notifications_smtp_host,
            settings.notifications_smtp_port,
            settings.notifications_smtp_tls,
            settings.notifications_smtp_ca,
            settings.notifications_smtp_username,
            settings.notifications_smtp_password.get_secret_value(),
        )

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail over. Raises MailRejected when trying again is useless, MailServiceUnavailable when it is not."""
        try:
            server = self._connect()
            try:
                _send(server, mail)
            finally:
                # Once the server has taken the mail, how it says goodbye must not send it again.
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    server.quit()
                server.close()
        except (OSError, smtplib.SMTPException) as error:
            raise MailServiceUnavailable(repr(error)) from error

    def _connect(self) -> smtplib.SMTP:
        """Return a greeted connection, secured and signed in as the settings say. Raises OSError, SMTPException."""
        # Named, since SSL_CERT_FILE may be set for another server.
        context = ssl.create_default_context(cafile=self.ca or certifi.where()) if self.tls != "none" else None
        server: smtplib.SMTP
        if self.tls == "implicit":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=SMTP_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SMTP_SECONDS)
        try:
            if self.tls == "starttls":
                server.starttls(context=context)
            if self.username:
                server.login(self.username, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


def _send(server: smtplib.SMTP, mail: EmailMessage) -> None:
    if not str(mail["To"]).isascii() and not server.has_extn("smtputf8"):
        raise MailRejected("the mail server takes no address with other than ASCII letters before the @ (no SMTPUTF8)")
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 and code not in _UNAUTHORIZED for code, _ in error.recipients.values()):
            raise MailRejected(str(error)) from error
        raise
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if error.smtp_code >= 500 and error.smtp_code not in _UNAUTHORIZED:
            raise MailRejected(str(error)) from error
        raise
    except ValueError as error:
        # An address that cannot be written down, say: it will not be another one tomorrow.
        raise MailRejected(f"the mail cannot be written: {error}") from error
