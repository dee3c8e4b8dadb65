"""The mail that asks to verify an address."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.rules.verification import KIND
from mesto.notifications.messages.schemas import LinkContent
from mesto.notifications.messages.service import Messages
from pydantic import ValidationError
from support.servers.notifications import part

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


MESSAGES = Messages("https://mesto.test/")


def draft(locale: str, hours: float) -> Draft:
    content = LinkContent(token="t0ken-_", expires_at=NOW + timedelta(hours=hours))
    name = "Win a prize http://prize.example"
    return Draft(uuid.uuid4(), KIND, "anna@example.org", name, locale, content.model_dump_json(), NOW)


@pytest.mark.parametrize(
    ("locale", "hours", "words"),
    [
        ("ru", 24, ["Подтвердите, что он ваш.", "в течение 24 часов"]),
        ("ru", 1, ["в течение 1 часа"]),
        ("en", 24, ["confirm that it is yours", "for 24 hours"]),
        ("en", 0.999, ["for 1 hour,"]),
    ],
)
def test_it_says_how_long_the_link_works_and_nothing_that_was_written_at_registration(
    locale: str, hours: float, words: list[str]
) -> None:
    mail = MESSAGES.render(draft(locale, hours), "noreply@example.org")
    for kind in ("plain", "html"):
        text = part(mail, kind)
        assert "https://mesto.test/verify?token=t0ken-_" in text
        assert "prize" not in text
        assert all(word in text for word in words)


def test_a_link_that_has_run_out_is_not_sent() -> None:
    assert MESSAGES.has_expired(draft("en", 1), NOW + timedelta(hours=1))
    assert not MESSAGES.has_expired(draft("en", 1), NOW)


def test_a_link_that_cannot_be_read_is_not_quoted_in_the_error() -> None:
    unreadable = replace(draft("en", 1), content='{"token": "t0ken-_", "expires_at": "t0ken-_"}')
    with pytest.raises(ValidationError) as raised:
        MESSAGES.render(unreadable, "noreply@example.org")
    assert "t0ken" not in repr(raised.value)
