"""Mails as they go out: words, templates and headers."""

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
from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.rules import account as account_mails
from mesto.notifications.messages.rules import booking as booking_mails
from mesto.notifications.messages.rules import owner_invitation
from mesto.notifications.messages.rules.text import MailText
from mesto.notifications.messages.schemas import BookingContent, InvitationContent, LinkContent, NoticeContent

_TEMPLATES = Environment(
    loader=PackageLoader("mesto.notifications.messages"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
)


class MailRejected(Exception):
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
    """Return an address with its domain in ASCII (IDNA 2008), which every mail server takes. Raises MailRejected."""
    local, _, domain = address.rpartition("@")
    try:
        written = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
        return Address(display_name, local, written)
    except ValueError as error:
        raise MailRejected(f"the address cannot be written: {error}") from error


class Messages:
    """Writes mails; their links lead to ``public_url``."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url.rstrip("/")

    def has_expired(self, draft: Draft, now: datetime) -> bool:
        """Return whether a mail is too late: its link works no more, or nobody need be told any more."""
        return draft.kind in account_mails.KINDS and _account_content(draft).expires_at <= now

    def render(self, draft: Draft, sender: str) -> EmailMessage:
        """Return the mail of a draft. Its Message-ID is the delivery's, so a mail sent twice shows as one.

        Raises MailRejected for an address that cannot be written, and whatever comes of a content of another version.
        """
        words, path = _words(draft)
        known = {"words": words, "link": self.public_url + path, "locale": draft.locale}
        by = sendable(sender, "Место" if draft.locale == "ru" else "Mesto")
        mail = EmailMessage(_POLICY)
        mail["Subject"] = " ".join(words.subject.split())
        mail["From"] = by
        mail["To"] = sendable(draft.email)
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{draft.id}@{by.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(_TEMPLATES.get_template("mail.txt.j2").render(known))
        mail.add_alternative(_TEMPLATES.get_template("mail.html.j2").render(known), subtype="html")
        # Last: adding parts moves Content-… headers into the first part.
        mail["Content-Language"] = owner_invitation.LANGUAGES if draft.kind == owner_invitation.KIND else draft.locale
        return mail


def _words(draft: Draft) -> tuple[MailText, str]:
    """Return what a mail says, and where its button leads."""
    if draft.kind in account_mails.LINK_MAILS:
        link = LinkContent.model_validate_json(draft.content)
        write, path = account_mails.LINK_MAILS[draft.kind]
        return write(draft.locale, link.expires_at - draft.created_at), _with_token(path, link.token)
    if draft.kind in account_mails.NOTICES:
        notice = NoticeContent.model_validate_json(draft.content)
        tell, path = account_mails.NOTICES[draft.kind]
        return tell(draft.locale, notice.at, notice.device), _with_token(path, notice.token)
    if draft.kind == owner_invitation.KIND:
        return owner_invitation.compose(
            InvitationContent.model_validate_json(draft.content).title
        ), owner_invitation.PATH
    content = BookingContent.model_validate_json(draft.content)
    words = booking_mails.compose(draft.kind, draft.locale, draft.name, content.booking, content.cause)
    return words, f"/bookings/{content.booking.id}"


def _with_token(path: str, token: str | None) -> str:
    return path if token is None else f"{path}?token={token}"


def _account_content(draft: Draft) -> LinkContent | NoticeContent:
    model = LinkContent if draft.kind in account_mails.LINK_MAILS else NoticeContent
    return model.model_validate_json(draft.content)
