"""From an event on the broker to a mail that an SMTP server has taken."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from mesto.common.database.engine import Database
from mesto.contracts.events import OwnerInvited, UserRemoved, UserVerificationRequested
from mesto.contracts.policy import NotificationsPolicy
from mesto.contracts.text import Text
from mesto.notifications.deliveries import store
from mesto.notifications.deliveries.records import ClaimedDelivery
from mesto.notifications.deliveries.service import Deliveries
from mesto.notifications.messages.service import Messages
from support.servers.notifications import Post, moved, part, person
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("first_replica")


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        (
            "ru",
            "Бронирование подтверждено: Лофт <на Мясницкой>",
            ["Здравствуйте, Анна", "вторник, 24 ноября 2026 г., 10:00–13:00", "2 места", "1\u00a0500\u00a0₽"],
        ),
        (
            "en",
            "Booking confirmed: Loft <at Myasnitskaya>",
            ["Hello Анна", "Tuesday, 24 November 2026, 10:00–13:00", "2 seats", "₽1,500"],
        ),
    ],
)
def test_a_confirmation_arrives_in_the_users_language(post: Post, locale: str, subject: str, words: list[str]) -> None:
    user = person(locale, "Анна")
    post.publish(user)
    event = moved("confirmed", user.user_id)
    event_id = post.publish(event)
    mail = post.wait_for_mail(user.email)
    assert mail["Subject"] == subject
    assert mail["To"] == user.email
    assert mail["Content-Language"] == locale
    plain, html = part(mail, "plain"), part(mail, "html")
    for expected in [*words, f"https://mesto.test/bookings/{event.booking.id}"]:
        assert expected in plain
        assert expected in html
    title = subject.partition(": ")[2]
    assert title in plain
    assert title not in html
    assert title.replace("<", "&lt;").replace(">", "&gt;") in html
    eventually(lambda: post.status(event_id) == "sent", "the delivery to be written down as sent")
    delivery = post.sql("SELECT id, locale FROM notifications.deliveries WHERE event_id = %s", event_id)[0]
    assert mail["Message-ID"].startswith(f"<{delivery[0]}@")
    assert delivery[1] == locale


def test_an_event_that_comes_again_is_one_mail(post: Post) -> None:
    user = person("en")
    post.publish(user)
    event = moved("cancelled", user.user_id, "cancelled_by_owner", refund={"amount": "750.00", "currency": "RUB"})
    event_id = post.publish(event)
    mail = post.wait_for_mail(user.email)
    assert "The venue has cancelled your booking." in part(mail, "plain")
    assert "We will refund ₽750" in part(mail, "plain")
    for _ in range(3):
        post.publish(event, event_id)
    post.settle()
    assert len(post.mailbox.to(user.email)) == 1


def test_a_mail_waits_for_its_user(post: Post) -> None:
    user = person("ru")
    event_id = post.publish(moved("confirmed", user.user_id))
    post.settle()
    assert post.status(event_id) == "pending"
    post.publish(user)
    post.wait_for_mail(user.email)


def test_an_older_state_of_a_user_changes_nothing(post: Post) -> None:
    user = person("ru", revision=5)
    post.publish(user)
    post.publish(user.model_copy(update={"revision": 4, "email": "old@example.org", "locale": "en"}))
    post.publish(moved("expired", user.user_id))
    assert post.wait_for_mail(user.email)["Subject"].startswith("Время на оплату вышло")


def test_transitions_without_a_mail_send_none(post: Post) -> None:
    user = person("en")
    post.publish(user)
    for kind in ("held", "completed"):
        post.publish(moved(kind, user.user_id))
    post.settle()
    assert post.mailbox.to(user.email) == []


def test_who_is_gone_gets_no_mail_and_does_not_come_back(post: Post) -> None:
    user = person("en")
    post.publish(user)
    post.publish(UserRemoved(user_id=user.user_id, revision=2))
    post.publish(user)
    event_id = post.publish(moved("confirmed", user.user_id))
    eventually(lambda: post.status(event_id) == "failed", "the delivery to be given up")
    assert post.mailbox.to(user.email) == []
    assert post.sql("SELECT email, name FROM notifications.users WHERE user_id = %s", user.user_id) == [(None, "")]


def test_a_mail_server_that_is_busy_is_asked_again(post: Post) -> None:
    user = person("en")
    post.mailbox.answers[user.email] = ["451 Try again later"]
    post.publish(user)
    event_id = post.publish(moved("confirmed", user.user_id))
    post.wait_for_mail(user.email)
    eventually(lambda: post.status(event_id) == "sent", "the second attempt to be written down")
    assert post.sql("SELECT attempts FROM notifications.deliveries WHERE event_id = %s", event_id) == [(2,)]
    assert len(post.mailbox.to(user.email)) == 1


def test_a_mail_that_the_server_will_never_take_is_given_up(post: Post) -> None:
    user = person("en")
    post.mailbox.answers[user.email] = ["550 No such mailbox"]
    post.publish(user)
    event_id = post.publish(moved("confirmed", user.user_id))
    eventually(lambda: post.status(event_id) == "failed", "the delivery to be given up")


def test_a_mail_whose_task_was_lost_is_found_by_the_sweep(post: Post) -> None:
    user = person("en")
    post.publish(user)
    post.settle()
    _insert(post, user.user_id)
    post.wait_for_mail(user.email)


def _insert(post: Post, user_id: uuid.UUID, due: str = "now()") -> uuid.UUID:
    """A delivery that no task was started for."""
    event, delivery_id = moved("confirmed", user_id), uuid.uuid4()
    payload = f'{{"booking": {event.booking.model_dump_json()}, "cause": ""}}'
    post.sql(
        "INSERT INTO notifications.deliveries (id, event_id, kind, user_id, payload, due_at)"
        f" VALUES (%s, %s, 'confirmed', %s, %s, {due})",
        delivery_id,
        uuid.uuid4(),
        user_id,
        payload,
    )
    return delivery_id


async def test_of_many_workers_one_gets_a_mail_and_a_late_one_cannot_undo_it(post: Post) -> None:
    user = person("en")
    post.publish(user)
    await asyncio.to_thread(post.settle)
    database = Database(post.service_url, "test")
    deliveries = Deliveries(database, NotificationsPolicy, Messages("https://mesto.test"))
    # Out of the running worker's sight until it is claimed here.
    delivery_id = _insert(post, user.user_id, "now() + interval '1 hour'")
    post.sql("UPDATE notifications.users SET revision = 2 WHERE user_id = %s", user.user_id)

    async def claim() -> ClaimedDelivery | None:
        async with database.transaction() as connection:
            return await store.claim(connection, timedelta(hours=1), delivery_id)

    assert await claim() is None  # not due yet
    post.sql("UPDATE notifications.deliveries SET due_at = now() WHERE id = %s", delivery_id)
    claims = [claimed for claimed in await asyncio.gather(*(claim() for _ in range(12))) if claimed]
    assert len(claims) <= 1  # the sweep of the running worker may have been first
    await asyncio.to_thread(eventually, lambda: claims or post.mailbox.to(user.email), "the mail to be claimed once")
    if claims:
        # Its worker was killed: the lease runs out, the sweep takes over, and the first one's report comes too late.
        post.sql("UPDATE notifications.deliveries SET due_at = now() WHERE id = %s", delivery_id)
        await asyncio.to_thread(post.wait_for_mail, user.email)
        await deliveries.give_up(claims[0], "a late report")

        def kept() -> bool:
            rows = post.sql("SELECT status, attempts FROM notifications.deliveries WHERE id = %s", delivery_id)
            return bool(rows == [("sent", 2)])

        await asyncio.to_thread(eventually, kept, "the delivery to be written down as sent")
    await database.close()


def test_a_link_that_verifies_an_address_is_mailed_once_and_then_forgotten(post: Post) -> None:
    user = person("en").model_copy(update={"email_verified": False})
    post.publish(user)
    expires = datetime.now(UTC) + timedelta(hours=24)
    event = UserVerificationRequested(user_id=user.user_id, token=uuid.uuid4().hex, expires_at=expires)
    event_id = post.publish(event)
    late_id = post.publish(event.model_copy(update={"token": "late", "expires_at": datetime.now(UTC)}))
    post.publish(event, event_id)
    mail = post.wait_for_mail(user.email)
    assert f"https://mesto.test/verify?token={event.token}" in part(mail, "plain")
    eventually(lambda: post.status(event_id) == "sent", "the delivery to be written down as sent")
    eventually(lambda: post.status(late_id) == "failed", "the link that has run out to be given up")
    post.settle()
    assert len(post.mailbox.to(user.email)) == 1
    kept = post.sql("SELECT payload FROM notifications.deliveries WHERE user_id = %s", user.user_id)
    assert kept == [({},), ({},)]
    logged = "".join(file.read_text("utf-8") for file in post.folder.glob("*.log"))
    assert event.token not in logged


def test_who_has_not_verified_the_address_gets_mails_of_what_is_paid_and_no_others(post: Post) -> None:
    user = person("en", "Win a prize http://evil.example", verified=False)
    post.publish(user)
    unpaid = [
        post.publish(moved("expired", user.user_id, previous="held")),
        post.publish(moved("cancelled", user.user_id, previous="held")),
        post.publish(moved("confirmed", user.user_id, total={"amount": "0.00", "currency": "RUB"})),
    ]
    paid = post.publish(moved("cancelled", user.user_id, previous="confirmed"))
    for event_id in unpaid:
        eventually(lambda event_id=event_id: post.status(event_id) == "suppressed", "the mail to be suppressed")
    eventually(lambda: post.status(paid) == "sent", "the mail of a paid booking to be sent")
    (mail,) = post.mailbox.to(user.email)
    assert part(mail, "plain").startswith("Hello,\n")
    assert "evil" not in str(mail)
    reasons = post.sql("SELECT DISTINCT last_error FROM notifications.deliveries WHERE event_id = ANY(%s)", unpaid)
    assert reasons == [("nothing was paid and the address is not verified",)]
    post.publish(user.model_copy(update={"revision": 2, "email_verified": True}))
    late = post.publish(moved("expired", user.user_id, previous="held"))
    eventually(lambda: post.status(late) == "sent", "the mail to who has verified the address by now")
    assert [post.status(event_id) for event_id in unpaid] == ["suppressed"] * 3


def test_who_has_no_account_is_invited_and_the_address_is_forgotten(post: Post) -> None:
    address = f"{uuid.uuid4().hex}@example.org"
    event = OwnerInvited(email=address, space_id=uuid.uuid4(), title=Text(ru="Лофт", en="Loft"))
    event_id = post.publish(event)
    post.publish(event, event_id)
    mail = post.wait_for_mail(address)
    assert (mail["To"], mail["Content-Language"]) == (address, "ru, en")
    eventually(lambda: post.status(event_id) == "sent", "the delivery to be written down as sent")
    rows = post.sql("SELECT payload, kind FROM notifications.deliveries WHERE event_id = %s", event_id)
    assert rows == [({}, "owner_invitation")]
    assert len(post.mailbox.to(address)) == 1
