"""How many mails an address gets, with no worker but the test."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from mesto.common.database.engine import Database
from mesto.contracts.events import UserRemoved
from mesto.contracts.policy import MailCap, NotificationsPolicy
from mesto.notifications.deliveries.service import MAILS, Deliveries
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
