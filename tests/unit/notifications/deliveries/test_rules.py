"""When a mail is tried again."""

from __future__ import annotations

from mesto.notifications.deliveries.rules import retry_seconds


def test_pauses_grow_to_an_hour() -> None:
    assert [retry_seconds(attempts) for attempts in (1, 2, 3, 24)] == [5, 10, 20, 3600]
