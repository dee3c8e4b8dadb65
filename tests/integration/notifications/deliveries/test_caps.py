"""How many mails an address gets, with no worker but the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from mesto.common.database.engine import Database
from mesto.contracts.events import (
    UserChanged,
    UserEmailChangeRequested,
    UserRecoveryRequested,
    UserRemoved,
    UserSecurityNotice,
    UserVerificationRequested,
)
from mesto.contracts.policy import MailCap, NotificationsPolicy
from mesto.notifications.deliveries.service import MAILS, AccountEvent, Deliveries
from mesto.notifications.messages.service import Messages
from mesto.notifications.recipients.service import Recipients
from sqlalchemy import text
from support.servers.notifications import moved, person
from support.servers.session_servers import DatabaseUrls


async def test_an_address_gets_so_many_mails_and_what_is_more_is_written_down(
    empty_database_urls: DatabaseUrls,
) -> None:
    database = Database(empty_database_urls["notifications"], "caps", pool_size=8)
    recipients = Recipients(database)
    policy = NotificationsPolicy(per_recipient=MailCap(mails=3, hours=1))
    deliveries = Deliveries(database, lambda: policy, Messages("https://mesto.test"))
    anna, boris = person("en"), person("en")
    again = person("en").model_copy(update={"email": anna.email.upper()})
    for user in (anna, boris, again):
        await recipients.note_user(user)

    async def mail_to(user_id: UUID) -> bool:
        delivery_id = await deliveries.add_booking_mail(uuid4(), moved("confirmed", user_id))
        outgoing = await deliveries.claim(delivery_id)
        if outgoing is not None:
            await deliveries.mark_sent(outgoing.claimed)
        return outgoing is not None

    suppressed = MAILS.labels("confirmed", "suppressed_cap")._value.get
    before = suppressed()
    taken = await asyncio.gather(*(mail_to(anna.user_id) for _ in range(8)))
    assert sum(taken) == 3
    assert suppressed() == before + 5
    assert await mail_to(boris.user_id), "others have a cap of their own"
    await recipients.forget_user(UserRemoved(user_id=anna.user_id, revision=2))
    assert not await mail_to(again.user_id), "another account of the same address is the same recipient"
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT DISTINCT status, last_error FROM notifications.deliveries WHERE status <> 'sent'")
        )
        assert rows.all() == [("suppressed", "the address has got 3 mails in 1 h")]
        await connection.execute(text("UPDATE notifications.deliveries SET sent_at = sent_at - interval '61 min'"))
    assert await mail_to(again.user_id), "the hour is over"
    await database.close()


def account_event(kind: str, user_id: UUID, address: str) -> AccountEvent:
    """An event that asks for a mail of a kind about an account."""
    now = datetime.now(UTC)
    link = {"user_id": user_id, "token": uuid4().hex, "expires_at": now + timedelta(hours=1)}
    if kind == "recovery":
        return UserRecoveryRequested.model_validate(link)
    if kind == "verification":
        return UserVerificationRequested.model_validate(link)
    if kind == "email_change":
        return UserEmailChangeRequested.model_validate(link | {"email": address})
    to = address if kind == "email_changed" else None
    return UserSecurityNotice.model_validate(link | {"notice": kind, "to": to, "at": now})


@dataclass
class Flood:
    """Mails to one address, with no worker but the test."""

    deliveries: Deliveries
    user: UserChanged
    others: list[UserChanged]

    async def send(self, kind: str) -> bool:
        """Have a mail of a kind go to the address; return whether it did. Mails to others name it as theirs."""
        if kind == "confirmed":
            delivery_id = await self.deliveries.add_booking_mail(uuid4(), moved(kind, self.user.user_id))
        else:
            user = self.others[0] if kind in ("email_change", "email_changed") else self.user
            event = account_event(kind, user.user_id, self.user.email)
            delivery_id = await self.deliveries.add_account_mail(uuid4(), event)
        outgoing = await self.deliveries.claim(delivery_id)
        if outgoing is None:
            return False
        assert outgoing.mail["To"].lower() == self.user.email.lower()
        await self.deliveries.mark_sent(outgoing.claimed)
        return True


@pytest.fixture
async def flood(empty_database_urls: DatabaseUrls) -> AsyncIterator[Flood]:
    database = Database(empty_database_urls["notifications"], "caps", pool_size=8)
    policy = NotificationsPolicy(per_recipient=MailCap(mails=3, hours=24))
    deliveries = Deliveries(database, lambda: policy, Messages("https://mesto.test"))
    people = [person("en") for _ in range(2)]
    for user in people:
        await Recipients(database).note_user(user)
    yield Flood(deliveries, people[0], people[1:])
    await database.close()


SAFETY = ("recovery", "password_changed", "password_recovered", "email_changed", "new_device")
BY_ANYBODY = ("email_change", "address_taken")


@pytest.mark.parametrize("caused", ["confirmed", "verification", *BY_ANYBODY, *SAFETY])
async def test_no_flood_of_one_kind_swallows_what_gives_an_account_back(flood: Flood, caused: str) -> None:
    """Anybody can cause mails to an address: by its bookings, by asking for links, by naming it as theirs."""
    most = 10 if caused in SAFETY else 3
    assert [await flood.send(caused) for _ in range(most + 2)] == [True] * most + [False] * 2
    for kind in {*SAFETY, *BY_ANYBODY, "confirmed"} - {caused}:
        expected = not (caused == "verification" and kind == "confirmed")
        assert await flood.send(kind) is expected, kind


async def test_ten_links_to_recover_an_account_go_to_its_address_in_an_hour(flood: Flood) -> None:
    """Twice as many as auth sends; after an hour there are more."""
    assert [await flood.send("recovery") for _ in range(11)] == [True] * 10 + [False]
    async with flood.deliveries.database.transaction() as connection:
        await connection.execute(text("UPDATE notifications.deliveries SET sent_at = sent_at - interval '61 min'"))
    assert await flood.send("recovery")
