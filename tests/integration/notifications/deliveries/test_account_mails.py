"""Mails about an account's safety, from an event on the broker to what an SMTP server has taken."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from mesto.contracts.events import (
    Event,
    SecurityNotice,
    UserChanged,
    UserEmailChangeRequested,
    UserRecoveryRequested,
    UserSecurityNotice,
)
from support.servers.notifications import Post, part, person
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("first_replica")
EVIL = "Win a prize http://evil.example"
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def recovery(user: UserChanged) -> Event:
    return UserRecoveryRequested(user_id=user.user_id, token=uuid.uuid4().hex, expires_at=soon())


def email_change(user: UserChanged, to: str) -> Event:
    return UserEmailChangeRequested(user_id=user.user_id, email=to, token=uuid.uuid4().hex, expires_at=soon())


def notice(user: UserChanged, name: SecurityNotice, to: str | None = None, device: str | None = None) -> Event:
    token = uuid.uuid4().hex if to else None
    return UserSecurityNotice(
        user_id=user.user_id, notice=name, to=to, token=token, at=AT, device=device, expires_at=soon()
    )


WORDS = {
    "recovery": ("Новый пароль", "Set a new password", "/recover?token="),
    "email_change": ("Подтвердите новый адрес почты", "Confirm your new e-mail address", "/confirm-email?token="),
    "email_changed": ("Адрес вашего аккаунта изменён", "The address of your account was changed", "/undo-email?token="),
    "password_changed": ("Пароль изменён", "Your password was changed", "/recover"),
    "password_recovered": (
        "Доступ восстановлен, пароль новый",
        "Your account was recovered with a new password",
        "/recover",
    ),
    "address_taken": (
        "Ваш адрес указали в другом аккаунте",
        "Your address was given for another account",
        "/login",
    ),
    "new_device": ("Вход с нового устройства", "A sign-in from a new device", "/recover"),
}


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("kind", WORDS)
def test_a_mail_goes_where_it_belongs_in_the_readers_language_and_is_forgotten(
    post: Post, kind: SecurityNotice, locale: str
) -> None:
    user = person(locale, EVIL, verified=kind not in ("recovery", "password_recovered"))
    post.publish(user)
    elsewhere = f"{uuid.uuid4().hex[:12]}@example.org"
    events = {"recovery": recovery(user), "email_change": email_change(user, elsewhere)}
    to = elsewhere if kind == "email_changed" else None
    event = events.get(kind) or notice(user, kind, to, "Firefox, Windows")
    event_id = post.publish(event)
    post.publish(event, event_id)
    address = elsewhere if kind in ("email_change", "email_changed") else user.email
    mail = post.wait_for_mail(address)
    russian, english, path = WORDS[kind]
    assert mail["Subject"] == (russian if locale == "ru" else english)
    assert (mail["To"], mail["Content-Language"]) == (address, locale)
    token = getattr(event, "token", None)
    for text in (part(mail, "plain"), part(mail, "html")):
        assert f"https://mesto.test{path}{token or ''}" in text
        assert "evil" not in text
        assert user.email not in text
        if isinstance(event, UserSecurityNotice):
            assert ("24 ноября 2026 г., 10:00" if locale == "ru" else "24 November 2026, 10:00") in text
            assert "Firefox, Windows" in text
        else:
            assert ("в течение 1 часа" if locale == "ru" else "for 1 hour") in text
    eventually(lambda: post.status(event_id) == "sent", "the delivery to be written down as sent")
    assert post.sql("SELECT payload FROM notifications.deliveries WHERE event_id = %s", event_id) == [({},)]
    logged = "".join(file.read_text("utf-8") for file in post.folder.glob("*.log"))
    assert elsewhere not in logged
    assert token is None or token not in logged
    assert len(post.mailbox.to(address)) == 1
    if address == elsewhere:
        assert not post.mailbox.to(user.email)


def test_what_is_too_late_is_not_mailed_and_forgotten(post: Post) -> None:
    user = person("en")
    post.publish(user)
    late = {"expires_at": datetime.now(UTC)}
    events = [recovery(user), email_change(user, "late@example.org"), notice(user, "email_changed", "gone@example.org")]
    ids = [post.publish(event.model_copy(update=late)) for event in events]
    for event_id in ids:
        eventually(lambda event_id=event_id: post.status(event_id) == "failed", "the mail to be given up")
    kept = post.sql("SELECT payload FROM notifications.deliveries WHERE event_id = ANY(%s)", ids)
    assert kept == [({},)] * 3
    assert not post.mailbox.to("late@example.org")
    assert not post.mailbox.to("gone@example.org")
