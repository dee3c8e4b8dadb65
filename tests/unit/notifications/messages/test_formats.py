"""How long a link works, and when something happened, as a mail writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from mesto.notifications.messages.rules.formats import format_instant, format_within


@pytest.mark.parametrize(
    ("minutes", "russian", "english"),
    [
        (0, "1 минуты", "1 minute"),
        (15, "15 минут", "15 minutes"),
        (21, "21 минуты", "21 minutes"),
        (60, "1 часа", "1 hour"),
        (90, "90 минут", "90 minutes"),
        (120, "2 часов", "2 hours"),
        (24 * 60 - 0.9, "24 часов", "24 hours"),
        (168 * 60, "168 часов", "168 hours"),
    ],
)
def test_a_span_is_told_in_the_larger_unit_that_is_exact_enough(minutes: float, russian: str, english: str) -> None:
    span = timedelta(minutes=minutes)
    assert (format_within(span, "ru"), format_within(span, "en")) == (russian, english)


def test_a_moment_is_told_where_nobody_knows_the_readers_zone() -> None:
    moment = datetime(2026, 11, 25, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    assert format_instant(moment, "ru") == "24 ноября 2026 г., 22:30\u00a0UTC"
    assert format_instant(moment.astimezone(UTC), "en") == "24 November 2026, 22:30\u00a0UTC"
