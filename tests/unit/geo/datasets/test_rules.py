"""Where features of a dataset may lie, and the slugs of districts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.geo.datasets import rules


@given(st.lists(st.text("ab-", min_size=1, max_size=80).filter(lambda text: text.strip("-")), max_size=30))
def test_slugs_are_different_and_short(wanted: list[str]) -> None:
    taken: set[str] = set()
    made = [rules.unique_slug(name, taken) for name in wanted]
    assert len(set(made)) == len(made)
    assert all(0 < len(slug) <= 63 and slug.strip("-") == slug for slug in made)


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
def test_a_feature_lies_near_its_city(extent: rules.Extent, said: str) -> None:
    found = rules.fault(extent, (55.7558, 37.6173))
    assert said in found
    assert bool(found) is bool(said)


def test_a_city_at_the_null_island_or_at_the_end_of_the_map_is_a_city() -> None:
    assert rules.fault((0.0, 0.0, 0.1, 0.1), (0.2, 0.1)) == ""
    assert rules.fault((-179.9, -16.8, -179.9, -16.8), (-16.8, 179.9)) == ""


def test_kilometres_are_those_of_the_globe() -> None:
    assert rules.kilometres((55.7558, 37.6173), (59.9386, 30.3141)) == pytest.approx(634, abs=2)
