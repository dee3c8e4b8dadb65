"""What notifications does: keeps people's addresses, turns transitions into mails to send, sends them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import structlog
from mesto.common.database.engine import Database
from mesto.common.identity import emails
from mesto.common.messaging.outbox import first_time
from mesto.common.observability import telemetry
from mesto.contracts.events import BookingEvent, UserChanged, UserRemoved, UserVerificationRequested
from mesto.contracts.policy import MailCap, NotificationsPolicy
from mesto.notifications.deliveries import store
from mesto.notifications.deliveries.store import Claimed
from mesto.notifications.messages.rules import booking as wording
from mesto.notifications.messages.rules import verification
from mesto.notifications.messages.service import Rejected, message, run_out
from mesto.notifications.settings import INBOX_LIFETIME, SENDING_LEASE
from mesto.notifications.tables import INBOX
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
CLAIMS_A_CALL = 20
"""Of deliveries that turn out to be none; the next sweep goes on."""
MAILS = Counter("mesto_mails_total", "Mails by outcome", ["kind", "outcome"])


def user_values(event: UserChanged) -> dict[str, Any]:
    """A row of ``users``."""
    return {
        "user_id": event.user_id,
        "revision": event.revision,
        "email": event.email,
        "email_verified": event.email_verified,
        "name": event.name,
        "locale": event.locale,
        "removed": False,
    }


def gone_user(user_id: UUID, revision: int) -> dict[str, Any]:
    """The tombstone of a person, without anything personal."""
    gone = {"email": None, "email_verified": False, "name": "", "removed": True}
    return {"user_id": user_id, "revision": revision, **gone}


def recipient(address: str) -> str:
    """By what the mails to an address are counted, whoever has the account: nobody reads the address out of it."""
    return hashlib.sha256((emails.key(address) or address).encode()).hexdigest()


class Inbound:
    """Events coming in: each method returns once its effect is committed."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def user_changed(self, event: UserChanged) -> None:
        """Keep a person's address and language. Mails that waited for it become sendable by that alone."""
        async with self.database.transaction() as connection:
            await store.save_user(connection, user_values(event))

    async def user_removed(self, event: UserRemoved) -> None:
        """Forget a person, and remember that they are gone."""
        async with self.database.transaction() as connection:
            await store.save_user(connection, gone_user(event.user_id, event.revision))

    async def verification_requested(self, event_id: UUID, event: UserVerificationRequested) -> UUID | None:
        """The delivery of a link that verifies an address; None for a repeat."""
        async with self.database.transaction() as connection:
            if not await first_time(connection, INBOX, event_id):
                return None
            delivery_id = uuid4()
            values = {
                "id": delivery_id,
                "event_id": event_id,
                "kind": verification.KIND,
                "user_id": event.user_id,
                "request_id": telemetry.request_id.get() or None,
                "payload": event.model_dump(mode="json", include={"token", "expires_at"}),
            }
            await store.add_delivery(connection, values)
        return delivery_id

    async def booking_moved(self, event_id: UUID, event: BookingEvent) -> UUID | None:
        """The delivery that a transition asks for; None for a repeat or a transition that needs no mail."""
        kind = event.type.removeprefix("booking.")
        # Who only holds seats sees on the page what has changed, before paying.
        wanted = kind in wording.KINDS and event.booking.status != "held"
        async with self.database.transaction() as connection:
            if not await first_time(connection, INBOX, event_id) or not wanted:
                return None
            delivery_id = uuid4()
            values = {
                "id": delivery_id,
                "event_id": event_id,
                "kind": kind,
                "user_id": event.user_id,
                "request_id": telemetry.request_id.get() or None,
                "verified_only": not event.paid,
                "payload": {"booking": event.booking.model_dump(mode="json"), "cause": event.cause},
            }
            await store.add_delivery(connection, values)
        return delivery_id


async def _withheld(connection: AsyncConnection, claimed: Claimed, cap: MailCap) -> str | None:
    """Why a claimed mail is not sent: ``unverified`` or ``cap``; it is then written down as suppressed.

    None for what is sent; its recipient is written down.
    """
    if claimed.removed:
        return None
    known = recipient(claimed.email)
    if claimed.verified_only and not claimed.email_verified:
        withheld, reason = "unverified", "nothing was paid and the address is not verified"
    else:
        since = datetime.now(UTC) - timedelta(hours=cap.hours)
        if await store.count_to(connection, known, since, claimed.id) < cap.mails:
            await store.finish(connection, claimed, {"recipient": known})
            return None
        withheld, reason = "cap", f"the address has got {cap.mails} mails in {cap.hours} h"
    await store.finish(connection, claimed, {"status": "suppressed", "last_error": reason, "recipient": known})
    return withheld


@dataclass(frozen=True)
class Outgoing:
    """A claimed delivery and its mail."""

    claimed: Claimed
    mail: EmailMessage


class Deliveries:
    """Mails going out. Several workers may run: a delivery is claimed before it is sent.

    ``policy`` tells what is in force now.
    """

    def __init__(self, database: Database, policy: Callable[[], NotificationsPolicy], public_url: str) -> None:
        self.database, self.policy, self.public_url = database, policy, public_url

    async def take(self, delivery_id: UUID | None = None) -> Outgoing | None:
        """Claim this mail, or the one that is due longest. None when there is nothing (more) to send for now."""
        # Bounded: while mails that are not sent keep coming, whoever claims them would never do anything else.
        for _ in range(CLAIMS_A_CALL):
            policy = self.policy()
            async with self.database.transaction() as connection:
                claimed = await store.claim(connection, SENDING_LEASE, delivery_id)
                withheld = claimed and await _withheld(connection, claimed, policy.per_recipient)
            if claimed is None:
                return None
            if claimed.removed:
                await self.give_up(claimed, "the account is gone")
                continue
            if run_out(claimed, datetime.now(UTC)):
                await self.give_up(claimed, "the link has run out")
                continue
            if withheld is not None:
                log.warning("mail_suppressed", delivery=str(claimed.id), kind=claimed.kind, why=withheld)
                MAILS.labels(claimed.kind, f"suppressed_{withheld}").inc()
                continue
            try:
                return Outgoing(claimed, message(claimed, policy.sender, self.public_url))
            except Rejected as error:
                log.error("mail_rejected", delivery=str(claimed.id), error=str(error))
                MAILS.labels(claimed.kind, "rejected").inc()
                await self.give_up(claimed, str(error))
            except Exception as error:
                # A bug or a payload of another version: it must not stop the mails behind it.
                await self.failed(claimed, f"cannot be written: {error!r}")
                if delivery_id is not None:
                    raise
        return None

    async def sent(self, claimed: Claimed) -> None:
        """The mail server has taken it."""
        values = {"status": "sent", "sent_at": datetime.now(UTC), "locale": claimed.user_locale, "last_error": None}
        await self._finish(claimed, values)

    async def failed(self, claimed: Claimed, reason: str) -> None:
        """Try again later, at growing distances; give up after half a day."""
        if claimed.attempts >= wording.ATTEMPTS:
            await self.give_up(claimed, reason)
            return
        due = datetime.now(UTC) + timedelta(seconds=wording.retry_seconds(claimed.attempts))
        await self._finish(claimed, {"status": "pending", "due_at": due, "last_error": reason[:2000]})

    async def give_up(self, claimed: Claimed, reason: str) -> None:
        """This mail will not be sent."""
        await self._finish(claimed, {"status": "failed", "last_error": reason[:2000]})

    async def _finish(self, claimed: Claimed, values: dict[str, object]) -> None:
        async with self.database.transaction() as connection:
            await store.finish(connection, claimed, values)

    async def prune(self) -> int:
        """Forget events handled long ago; how many."""
        async with self.database.transaction() as connection:
            return await store.forget_inbox(connection, datetime.now(UTC) - INBOX_LIFETIME)
