"""Geo's pure rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mesto.geo.domain import places, slugs
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
