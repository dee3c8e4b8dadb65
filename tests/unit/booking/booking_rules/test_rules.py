"""Rules of a resource, one by one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from mesto.booking.booking_rules.rules import RuleViolation, check
from mesto.booking.pricing.rules import Price
from support.booking_rules import MOSCOW, NOW, at, booking_rules

CASES = [
    (at(10), at(11), 1, {}, None),
    (at(21), at(22), 3, {}, None),
    (at(10), at(10), 1, {}, "invalid-time"),
    (at(10), at(10, 30), 1, {}, "too-short"),
    (at(10), at(15), 1, {}, "too-long"),
    (at(10, 10), at(11, 10), 1, {}, "not-on-grid"),
    (at(10), at(11, 10), 1, {}, "not-on-grid"),
    (at(21, 30), at(22, 30), 1, {}, "outside-opening-hours"),
    (at(10), at(11), 4, {}, "too-many-seats"),
    (at(11, 30, day=23), at(12, 30, day=23), 1, {}, "in-the-past"),
    (at(12, 30, day=23), at(13, 30, day=23), 1, {}, "too-soon"),
    (at(13, day=23), at(14, day=23), 1, {}, None),
    (at(21, day=30), at(22, day=30), 1, {}, None),
    (datetime(2026, 12, 1, 8, tzinfo=MOSCOW), datetime(2026, 12, 1, 9, tzinfo=MOSCOW), 1, {}, "too-far"),
    (at(10), at(11), 1, {"open_for_booking": False}, "not-bookable"),
    (at(10), at(11), 1, {"prices": ()}, "no-price"),
    (at(10), at(11), 2, {"prices": (Price("hour", Decimal("9999999999.99"), "RUB"),)}, "too-expensive"),
    (at(10), at(10, 30), 1, {"min_minutes": None}, None),
]


@pytest.mark.parametrize(("start", "end", "seats", "changes", "code"), CASES)
def test_each_rule(start: datetime, end: datetime, seats: int, changes: dict[str, object], code: str | None) -> None:
    if code is None:
        assert check(booking_rules(**changes), start, end, seats, NOW).total > 0
        return
    with pytest.raises(RuleViolation) as violation:
        check(booking_rules(**changes), start, end, seats, NOW)
    assert violation.value.code == code
