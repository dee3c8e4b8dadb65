"""Geo's pure rules."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.geo.domain import places, plausible, slugs
from mesto.geo.domain.language import choose


@given(st.lists(st.text("ab-", min_size=1, max_size=80).filter(lambda text: text.strip("-")), max_size=30))
def test_slugs_are_different_and_short(wanted: list[str]) -> None:
    taken: set[str] = set()
    made = [slugs.unique(one, taken) for one in wanted]
    assert len(set(made)) == len(made)
    assert all(0 < len(one) <= 63 and one.strip("-") == one for one in made)


def test_a_text_falls_back_to_the_other_language() -> None:
    assert choose({"ru": "Арбат", "en": None}, "en") == "Арбат"
    assert choose({"en": "SoHo"}, "ru") == "SoHo"


def test_only_an_unknown_city_is_refused() -> None:
    assert [places.outcome(reason) for reason in (places.LOCATED, places.NO_DISTRICT, places.UNKNOWN_CITY)] == [
        "applied",
        "applied",
        "refused",
    ]
    assert '"atlantis"' in places.message(places.UNKNOWN_CITY, "atlantis")


@pytest.mark.parametrize(
    ("extent", "said"),
    [
        ((37.6, 55.7, 37.6, 55.7), ""),
        ((36.8, 54.9, 38.5, 56.9), ""),
        ((55.7, 37.6, 55.7, 37.6), "swapped"),
        ((55.0, 37.0, 56.0, 38.0), "swapped"),
        ((0, 0, 0, 0), "its position is 0, 0"),
        ((0, 0, 37.6, 55.7), "more than 300 km"),  # one corner was never filled in
        ((30.3, 59.9, 30.3, 59.9), "more than 300 km"),  # Saint Petersburg
        ((-180, -90, 180, 90), "more than 300 km"),
    ],
)
def test_a_feature_lies_near_its_city(extent: plausible.Extent, said: str) -> None:
    found = plausible.fault(extent, (55.7558, 37.6173))
    assert said in found
    assert bool(found) is bool(said)


def test_a_city_at_the_null_island_or_at_the_end_of_the_map_is_a_city() -> None:
    assert plausible.fault((0.0, 0.0, 0.1, 0.1), (0.2, 0.1)) == ""
    assert plausible.fault((-179.9, -16.8, -179.9, -16.8), (-16.8, 179.9)) == ""


def test_kilometres_are_those_of_the_globe() -> None:
    assert plausible.kilometres((55.7558, 37.6173), (59.9386, 30.3141)) == pytest.approx(634, abs=2)


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
        assert plausible.same_clock(zone, other, start) is same


def test_a_doubt_names_both_values() -> None:
    city = {"city": {"slug": "moscow", "name": {"en": "Moscow"}}}
    assert plausible.doubts(city) == plausible.doubts({"city": None}) == []
    far = {"km": 6263, "position": [0, 0], "center": [55.7558, 37.6173]}
    clock = {"space": "Asia/Tokyo", "city": "Europe/Moscow"}
    away, odd = plausible.doubts(city | {"far": far, "clock": clock})
    assert (away.reason, odd.reason) == ("FarFromCity", "OtherTimeZone")
    for said in ("0, 0 is 6,263 km", '"moscow", 55.7558, 37.6173'):
        assert said in away.message
    for said in ("Asia/Tokyo", "Europe/Moscow", '"moscow"'):
        assert said in odd.message
