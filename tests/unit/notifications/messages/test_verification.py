"""The mail that asks to verify an address."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from mesto.notifications.messages.service import message, run_out
from support.notifications import part

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def claimed(locale: str, hours: float) -> Any:
    payload = {"token": "t0ken-_", "expires_at": (NOW + timedelta(hours=hours)).isoformat()}
    user = {"email": "anna@example.org", "name": "Win a prize http://prize.example", "user_locale": locale}
    return SimpleNamespace(id=uuid.uuid4(), kind="verification", payload=payload, created_at=NOW, **user)


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
    mail = message(claimed(locale, hours), "noreply@example.org", "https://mesto.test/")
    for kind in ("plain", "html"):
        text = part(mail, kind)
        assert "https://mesto.test/verify?token=t0ken-_" in text
        assert "prize" not in text
        assert all(word in text for word in words)


def test_a_link_that_has_run_out_is_not_sent() -> None:
    assert run_out(claimed("en", 1), NOW + timedelta(hours=1))
    assert not run_out(claimed("en", 1), NOW)
