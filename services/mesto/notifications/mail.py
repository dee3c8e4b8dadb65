"""From a delivery to a message, and from a message to the SMTP server."""

from __future__ import annotations

import contextlib
import smtplib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from mesto.contracts.events import BookingState
from mesto.contracts.money import Money
from mesto.notifications.domain import verification
from mesto.notifications.domain.wording import Booked, Wording, compose
from mesto.notifications.settings import SMTP_SECONDS
from mesto.notifications.store import Claimed

_TEMPLATES = Environment(
    loader=PackageLoader("mesto.notifications"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
)


class Rejected(Exception):
    """The mail server will never take this mail."""


def _pair(money: Money | None) -> Any:
    return None if money is None else (money.amount, money.currency)


def booked(booking: BookingState, cause: str) -> Booked:
    """The part of a booking that mails speak of."""
    return Booked(
        space_title=booking.space_title.model_dump(),
        resource_title=booking.resource_title.model_dump(),
        address=booking.address,
        moved_to=booking.moved_to,
        time_zone=booking.time_zone,
        start=booking.start,
        end=booking.end,
        seats=booking.seats,
        total=_pair(booking.total),
        refund=_pair(booking.refund),
        cause=cause,
    )


def run_out(claimed: Claimed, now: datetime) -> bool:
    """Whether a mail is too late: its link works no more."""
    return claimed.kind == verification.KIND and datetime.fromisoformat(claimed.payload["expires_at"]) <= now


def _words(claimed: Claimed) -> tuple[Wording, str]:
    """What a mail says, and where its button leads."""
    if claimed.kind == verification.KIND:
        lasts = datetime.fromisoformat(claimed.payload["expires_at"]) - claimed.created_at
        hours = max(1, round(lasts.total_seconds() / 3600))
        return verification.compose(claimed.user_locale, hours), f"/verify?token={claimed.payload['token']}"
    booking = BookingState.model_validate(claimed.payload["booking"])
    words = compose(claimed.kind, claimed.user_locale, claimed.name, booked(booking, claimed.payload["cause"]))
    return words, f"/bookings/{booking.id}"


def message(claimed: Claimed, sender: str, public_url: str) -> EmailMessage:
    """The mail of a claimed delivery. Its Message-ID is the delivery's, so a mail sent twice shows as one."""
    locale = claimed.user_locale
    words, path = _words(claimed)
    known = {"words": words, "link": public_url.rstrip("/") + path, "locale": locale}
    mail = EmailMessage()
    mail["Subject"] = " ".join(words.subject.split())
    mail["From"] = Address("Место" if locale == "ru" else "Mesto", addr_spec=sender)
    mail["To"] = claimed.email
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{claimed.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_TEMPLATES.get_template("mail.txt.j2").render(known))
    mail.add_alternative(_TEMPLATES.get_template("mail.html.j2").render(known), subtype="html")
    mail["Content-Language"] = locale  # last: adding parts moves Content-… headers into the first part
    return mail


def hand_over(mail: EmailMessage, host: str, port: int) -> None:
    """Give a mail to the SMTP server. Raises Rejected when trying again is useless, OSError or SMTPException else."""
    try:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
        try:
            server.send_message(mail)
        finally:
            # Once the server has taken the mail, how it says goodbye must not send it again.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            raise Rejected(str(error)) from error
        raise
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if error.smtp_code >= 500:
            raise Rejected(str(error)) from error
        raise
