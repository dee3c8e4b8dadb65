"""Mails: added when an event asks for one, claimed by a worker, and written down as sent, postponed or given up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import structlog
from mesto.common.database.engine import Database
from mesto.common.identity import emails
from mesto.common.messaging.outbox import first_time
from mesto.common.observability import request_context
from mesto.contracts.events import (
    BookingEvent,
    LinkRequested,
    OwnerInvited,
    UserEmailChangeRequested,
    UserRecoveryRequested,
    UserSecurityNotice,
    UserVerificationRequested,
)
from mesto.contracts.policy import MailCap, NotificationsPolicy
from mesto.notifications.deliveries import rules, store
from mesto.notifications.deliveries.records import NOBODY, ClaimedDelivery, NewDelivery
from mesto.notifications.messages.rules import booking as booking_mails
from mesto.notifications.messages.rules import email_change, owner_invitation, recovery, verification
from mesto.notifications.messages.schemas import BookingContent, InvitationContent, LinkContent, NoticeContent
from mesto.notifications.messages.service import MailRejected, Messages
from mesto.notifications.settings import INBOX_LIFETIME, SENDING_LEASE
from mesto.notifications.tables import INBOX
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
CLAIMS_A_CALL = 20
"""Of deliveries that turn out to be none; the next sweep goes on."""
REASON_LENGTH = 2000
AccountEvent = LinkRequested | UserSecurityNotice
_LINK_KINDS: dict[type[LinkRequested], str] = {
    UserVerificationRequested: verification.KIND,
    UserRecoveryRequested: recovery.KIND,
    UserEmailChangeRequested: email_change.KIND,
}
MAILS = Counter("mesto_mails_total", "Mails by outcome", ["kind", "outcome"])


@dataclass(frozen=True)
class Outgoing:
    """A claimed delivery and its mail."""

    claimed: ClaimedDelivery
    mail: EmailMessage


class Deliveries:
    """Mails to send. Several workers may run: a delivery is claimed before it is sent.

    ``policy`` returns what is in force now.
    """

    def __init__(self, database: Database, policy: Callable[[], NotificationsPolicy], messages: Messages) -> None:
        self.database, self.policy, self.messages = database, policy, messages

    async def add_booking_mail(self, event_id: UUID, event: BookingEvent) -> UUID | None:
        """Add the mail that a transition asks for; return its id, None for a repeat or when no mail is needed."""
        kind = event.type.removeprefix("booking.")
        # Who only holds seats sees on the page what has changed, before paying.
        if kind not in booking_mails.KINDS or event.booking.status == "held":
            return await self._add(event_id, None)
        content = BookingContent(booking=event.booking, cause=event.cause)
        new = NewDelivery(uuid4(), event_id, kind, event.user_id, content, _request_id(), verified_only=not event.paid)
        return await self._add(event_id, new)

    async def add_account_mail(self, event_id: UUID, event: AccountEvent) -> UUID | None:
        """Add the mail with a link, or a notice about an account; return its id, None for a repeat."""
        kind, content = _account_mail(event)
        return await self._add(event_id, NewDelivery(uuid4(), event_id, kind, event.user_id, content, _request_id()))

    async def add_invitation(self, event_id: UUID, event: OwnerInvited) -> UUID | None:
        """Add the mail to somebody without an account who is named as an owner; return its id, None for a repeat."""
        content = InvitationContent(title=event.title, to=event.email)
        new = NewDelivery(uuid4(), event_id, owner_invitation.KIND, NOBODY, content, _request_id())
        return await self._add(event_id, new)

    async def _add(self, event_id: UUID, new: NewDelivery | None) -> UUID | None:
        """Note an event as handled, and add its mail if it was not handled before."""
        async with self.database.transaction() as connection:
            if not await first_time(connection, INBOX, event_id) or new is None:
                return None
            await store.insert_delivery(connection, new)
        return new.id

    async def claim(self, delivery_id: UUID | None = None) -> Outgoing | None:
        """Claim this mail, or the one that is due longest. None when there is nothing (more) to send for now."""
        # Bounded: while mails that are not sent keep coming, whoever claims them would never do anything else.
        for _ in range(CLAIMS_A_CALL):
            policy = self.policy()
            async with self.database.transaction() as connection:
                claimed = await store.claim(connection, SENDING_LEASE, delivery_id)
                withheld = claimed and await _withhold(connection, claimed, policy.per_recipient)
            if claimed is None:
                return None
            if withheld is not None:
                log.warning("mail_suppressed", delivery=str(claimed.id), kind=claimed.kind, why=withheld)
                MAILS.labels(claimed.kind, f"suppressed_{withheld}").inc()
                continue
            if claimed.recipient.removed:
                await self.give_up(claimed, "the account is gone")
                continue
            mail = await self._write(claimed, policy.sender, reraise=delivery_id is not None)
            if mail is not None:
                return Outgoing(claimed, mail)
        return None

    async def _write(self, claimed: ClaimedDelivery, sender: str, *, reraise: bool) -> EmailMessage | None:
        """Return a claimed delivery's mail. None when there is none to send: it is given up, or put off."""
        draft = claimed.draft()
        try:
            expired = self.messages.has_expired(draft, datetime.now(UTC))
            mail = None if expired else self.messages.render(draft, sender)
        except MailRejected as error:
            log.error("mail_rejected", delivery=str(claimed.id), error=str(error))
            MAILS.labels(claimed.kind, "rejected").inc()
            await self.give_up(claimed, str(error))
            return None
        except Exception as error:
            # A bug or a payload of another version: it must not stop the mails behind it.
            await self.postpone(claimed, f"cannot be written: {error!r}")
            if reraise:
                raise
            return None
        if mail is None:
            await self.give_up(claimed, "the link has run out")
        return mail

    async def mark_sent(self, claimed: ClaimedDelivery) -> None:
        """Write down that the mail server has taken a claimed mail."""
        async with self.database.transaction() as connection:
            await store.mark_sent(connection, claimed, datetime.now(UTC))

    async def postpone(self, claimed: ClaimedDelivery, reason: str) -> None:
        """Have a claimed mail tried again later, at growing distances; give it up after half a day."""
        if claimed.attempts >= rules.ATTEMPTS:
            await self.give_up(claimed, reason)
            return
        due = datetime.now(UTC) + timedelta(seconds=rules.retry_seconds(claimed.attempts))
        async with self.database.transaction() as connection:
            await store.postpone(connection, claimed, due, reason[:REASON_LENGTH])

    async def give_up(self, claimed: ClaimedDelivery, reason: str) -> None:
        """Write down that a claimed mail will not be sent."""
        async with self.database.transaction() as connection:
            await store.mark_failed(connection, claimed, reason[:REASON_LENGTH])

    async def prune(self) -> int:
        """Forget events handled long ago; return how many."""
        async with self.database.transaction() as connection:
            return await store.delete_handled_events(connection, datetime.now(UTC) - INBOX_LIFETIME)


def _account_mail(event: AccountEvent) -> tuple[str, LinkContent | NoticeContent]:
    """Return the kind of mail that an event asks for, and what it is written from."""
    if isinstance(event, UserSecurityNotice):
        return event.notice, NoticeContent(**event.model_dump(exclude={"user_id", "notice"}))
    to = event.email if isinstance(event, UserEmailChangeRequested) else None
    return _LINK_KINDS[type(event)], LinkContent(token=event.token, expires_at=event.expires_at, to=to)


def _request_id() -> str | None:
    return request_context.request_id.get() or None


def _address_hash(address: str) -> str:
    """Return by what the mails to an address are counted, whoever has the account: nobody reads the address in it."""
    return hashlib.sha256((emails.key(address) or address).encode()).hexdigest()


async def _withhold(connection: AsyncConnection, claimed: ClaimedDelivery, policy: MailCap) -> str | None:
    """Suppress a claimed mail that must not be sent; return why: ``unverified`` or ``cap``.

    None for what is sent; by which address it is counted is written down.
    """
    address = claimed.address
    if address is None:
        return None
    counted = _address_hash(address)
    if claimed.verified_only and not claimed.recipient.email_verified:
        reason = "nothing was paid and the address is not verified"
        await store.mark_suppressed(connection, claimed, reason, counted)
        return "unverified"
    cap = rules.cap_of(claimed.kind, policy)
    since = datetime.now(UTC) - timedelta(hours=cap.limit.hours)
    if await store.count_mails_to(connection, counted, cap, since, claimed.id) < cap.limit.mails:
        await store.note_address(connection, claimed, counted)
        return None
    reason = f"the address has got {cap.limit.mails} mails in {cap.limit.hours} h"
    await store.mark_suppressed(connection, claimed, reason, counted)
    return "cap"
