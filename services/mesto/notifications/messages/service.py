"""From a delivery to a message."""

from __future__ import annotations

from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

import idna
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from mesto.contracts.events import BookingState
from mesto.contracts.money import Money
from mesto.notifications.deliveries.store import Claimed
from mesto.notifications.messages.rules import verification
from mesto.notifications.messages.rules.booking import Booked, Wording, compose

_TEMPLATES = Environment(
    loader=PackageLoader("mesto.notifications.messages"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
)


class Rejected(Exception):
    """This mail can never be sent: the mail server does not take it, or its address cannot be written."""


class _Subject(UniqueUnstructuredHeader):
    """A subject whose encoded words (RFC 2047) carry all blanks: Python 3.11 loses one between two of them."""

    def fold(self, *, policy: Any) -> str:
        text = str(self)
        if text.isascii():
            return str(super().fold(policy=policy))  # type: ignore[misc]
        coded = Header(text, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {coded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type]
_POLICY = EmailPolicy(header_factory=_HEADERS)


def sendable(address: str, display_name: str = "") -> Address:
    """An address with its domain in ASCII (IDNA 2008), which every mail server takes. Raises Rejected."""
    local, _, domain = address.rpartition("@")
    try:
        written = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
        return Address(display_name, local, written)
    except ValueError as error:
        raise Rejected(f"the address cannot be written: {error}") from error


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
        answer_by=booking.expires_at if booking.status == "awaiting_approval" else None,
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
    by = sendable(sender, "Место" if locale == "ru" else "Mesto")
    mail = EmailMessage(_POLICY)
    mail["Subject"] = " ".join(words.subject.split())
    mail["From"] = by
    mail["To"] = sendable(claimed.email)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{claimed.id}@{by.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_TEMPLATES.get_template("mail.txt.j2").render(known))
    mail.add_alternative(_TEMPLATES.get_template("mail.html.j2").render(known), subtype="html")
    mail["Content-Language"] = locale  # last: adding parts moves Content-… headers into the first part
    return mail
