"""What a location means, and what is doubted about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from mesto.contracts.spaces import Named
from mesto.contracts.text import Text
from mesto.geo.locations import rules
from mesto.geo.locations.rules import FarFromCity, ForeignClock, Place


def test_only_an_unknown_city_is_refused() -> None:
    assert [rules.outcome(reason) for reason in (rules.LOCATED, rules.NO_DISTRICT, rules.UNKNOWN_CITY)] == [
        "applied",
        "applied",
        "refused",
    ]
    assert '"atlantis"' in rules.message(rules.UNKNOWN_CITY, "atlantis")


@pytest.mark.parametrize(
    ("zone", "other", "same"),
    [
        ("Europe/Moscow", "Europe/Moscow", True),
        ("Europe/Moscow", "Europe/Minsk", True),  # three hours ahead all year long, both of them
        ("Asia/Tokyo", "Europe/Moscow", False),
        ("Europe/Berlin", "Africa/Lagos", False),  # the same hour in winter only
        ("Europe/Berlin", "Arctic/Longyearbyen", True),
        ("Mars/Base", "Europe/Moscow", True),  # booking says so
        ("../etc/passwd", "Europe/Moscow", True),
    ],
)
def test_clocks_are_compared_and_not_the_names_of_zones(zone: str, other: str, same: bool) -> None:
    for start in (date(2026, 1, 15), date(2026, 7, 15)):
        assert rules.same_clock(zone, other, start) is same


def test_a_doubt_names_both_values() -> None:
    place = Place(city=Named(slug="moscow", name=Text(en="Moscow")), district=None, transit=())
    assert rules.doubts(place) == rules.doubts(replace(place, city=None)) == []
    far = FarFromCity(km=6263, position=(0, 0), center=(55.7558, 37.6173))
    clock = ForeignClock(space="Asia/Tokyo", city="Europe/Moscow")
    away, odd = rules.doubts(replace(place, far=far, clock=clock))
    assert (away.reason, odd.reason) == ("FarFromCity", "OtherTimeZone")
    for said in ("0, 0 is 6,263 km", '"moscow", 55.7558, 37.6173'):
        assert said in away.message
    for said in ("Asia/Tokyo", "Europe/Moscow", '"moscow"'):
        assert said in odd.message
