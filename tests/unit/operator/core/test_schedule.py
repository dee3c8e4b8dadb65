"""Times of schedules: in their zone, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.operator import schedule

moments = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))


def test_a_time_is_of_its_zone() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert schedule.after("0 3 * * *", "Europe/Moscow", noon) == datetime(2026, 7, 2, 0, 0, tzinfo=UTC)
    assert schedule.last("0 3 * * *", "America/New_York", noon) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)


def test_a_time_that_clocks_skip_comes_right_after_the_gap() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # on the 29th 2:00 to 3:00 is missing in Berlin
    assert schedule.after("30 2 * * *", "Europe/Berlin", before) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_counts_once() -> None:
    first = schedule.after("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC))
    following = schedule.after("30 2 * * *", "Europe/Berlin", first)
    assert first.date().isoformat() == "2026-10-25"
    assert following == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@given(moments, st.sampled_from(["0 3 * * *", "*/15 * * * *", "30 2 * * 0", "0 0 1 * *"]))
def test_the_last_time_is_the_one_before_the_next(moment: datetime, text: str) -> None:
    following = schedule.after(text, "Europe/Moscow", moment)
    last = schedule.last(text, "Europe/Moscow", following - timedelta(seconds=1))
    assert last <= following - timedelta(seconds=1)
    assert schedule.after(text, "Europe/Moscow", last) == following
    for seconds in (0, 59):
        assert schedule.last(text, "Europe/Moscow", following + timedelta(seconds=seconds)) == following


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("61 * * * *", "is not a schedule"),
        ("* * * * funday", "is not a schedule"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 30,31 2 *", "never comes"),
        ("0 0 32 2 *", "is not a schedule"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_so(text: str, said: str) -> None:
    assert said in schedule.fault(text)
    assert schedule.fault(text)
    assert not schedule.fault("0 3 * * 1-5")
