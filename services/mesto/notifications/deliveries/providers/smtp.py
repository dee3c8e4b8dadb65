"""From a message to the mail server."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import certifi
from mesto.notifications.messages.service import Rejected
from mesto.notifications.settings import SMTP_SECONDS, NotificationsSettings

# The mail server says that it does not know us (RFC 4954, RFC 3207): our settings are wrong, not the mail.
_OURS = frozenset({454, 530, 534, 535, 538})


@dataclass(frozen=True)
class Relay:
    """The SMTP server that takes our mails. With ``tls`` its certificate is checked, by ``ca`` or the public list."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"] = "none"
    ca: Path | None = None
    username: str = ""
    password: str = ""

    @classmethod
    def of(cls, settings: NotificationsSettings) -> Relay:
        """As the settings say."""
        return cls(
            settings.notifications_smtp_host,
            settings.notifications_smtp_port,
            settings.notifications_smtp_tls,
            settings.notifications_smtp_ca,
            settings.notifications_smtp_username,
            settings.notifications_smtp_password.get_secret_value(),
        )

    def connect(self) -> smtplib.SMTP:
        """A greeted connection, secured and signed in as far as is asked for. Raises OSError and SMTPException."""
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


def hand_over(mail: EmailMessage, relay: Relay) -> None:
    """Give a mail to the mail server. Raises Rejected when trying again is useless, OSError or SMTPException else."""
    server = relay.connect()
    try:
        _send(server, mail)
    finally:
        # Once the server has taken the mail, how it says goodbye must not send it again.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _send(server: smtplib.SMTP, mail: EmailMessage) -> None:
    if not str(mail["To"]).isascii() and not server.has_extn("smtputf8"):
        raise Rejected("the mail server takes no address with other than ASCII letters before the @ (no SMTPUTF8)")
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 and code not in _OURS for code, _ in error.recipients.values()):
            raise Rejected(str(error)) from error
        raise
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if error.smtp_code >= 500 and error.smtp_code not in _OURS:
            raise Rejected(str(error)) from error
        raise
    except ValueError as error:
        # An address that cannot be written down, say: it will not be another one tomorrow.
        raise Rejected(f"the mail cannot be written: {error}") from error
