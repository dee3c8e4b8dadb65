"""Owners' values beside declared ones: whatever comes together, each side finds its own again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.catalog.owner_edits import rules
from mesto.contracts.spaces import SpaceSpec, fingerprint
from support.servers.catalog import spec_of

TEXTS = st.sampled_from(["", "a", "b"])
LISTED = st.lists(TEXTS, max_size=2)


def document(**changes: Any) -> dict[str, Any]:
    return SpaceSpec.model_validate(spec_of(**changes)).model_dump(mode="json")


def one_value(path: str) -> st.SearchStrategy[Any]:
    if path in rules.LISTS:
        return st.none() | LISTED
    if path == "booking.cancellation":
        return st.none() | LISTED
    return st.none() | TEXTS


VALUES = st.fixed_dictionaries({}, optional={path: one_value(path) for path in rules.PATHS})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Specs as far as ownership looks at them: values of any content, fields there or not."""
    found: dict[str, Any] = {name: draw(LISTED) for name in rules.LISTS}
    for name, parts in rules.PARTS.items():
        field = {part: draw(one_value(f"{name}.{part}")) for part in parts}
        found[name] = field if name == "title" else draw(st.none() | st.just(field))
    return found | dict.fromkeys(rules.ALWAYS_DECLARED, "x")


@given(declared=documents(), given=VALUES)
def test_the_declared_spec_is_found_again(declared: dict[str, Any], given: dict[str, Any]) -> None:
    overrides = rules.merge_overrides(declared, given)
    space = rules.effective_spec(declared, overrides)
    assert rules.declared_spec(space, overrides) == declared
    assert rules.merge_overrides(declared, rules.values(overrides)) == overrides
    for path in rules.PATHS:
        mine = given.get(path)
        if path in rules.locked(declared) or mine is None or (path in rules.LISTS and not mine):
            assert rules.at(space, path) == rules.at(declared, path)
        else:
            assert rules.at(space, path) == mine


@given(before=documents(), after=documents(), given=VALUES)
def test_the_next_generation_takes_what_it_declares_and_leaves_the_rest(
    before: dict[str, Any], after: dict[str, Any], given: dict[str, Any]
) -> None:
    first = rules.merge_overrides(before, given)
    then = rules.merge_overrides(after, rules.values(first))
    assert rules.declared_spec(rules.effective_spec(after, then), then) == after
    kept, had = rules.values(then), rules.values(first)
    assert kept == {path: value for path, value in had.items() if path not in rules.locked(after)}


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        ({}, ["opening_hours"]),
        ({"opening_hours": []}, []),
    ],
)
def test_a_list_is_locked_as_a_whole(changes: dict[str, Any], free: list[str]) -> None:
    assert [path for path in ("opening_hours",) if path in rules.locked(document(**changes))] == free


def test_texts_and_contacts_are_locked_part_by_part() -> None:
    declared = document(title={"ru": "Лофт"}, contacts={"phone": "+74951234567"})
    found = rules.locked(declared)
    assert {"title.ru", "contacts.phone", "city", "published"} <= set(found)
    assert not {"title.en", "contacts.email", "description.ru", "booking.approval", "exceptions"} & set(found)


def test_nothing_is_ever_paid_back_is_something_declared() -> None:
    assert "booking.cancellation" in rules.locked(document(booking={"cancellation": []}))


def test_what_somebody_else_put_in_an_owners_place_shows() -> None:
    declared = document()
    overrides = rules.merge_overrides(declared, {"description.en": "Mine"})
    space = rules.effective_spec(declared, overrides)
    assert fingerprint("loft", rules.declared_spec(space, overrides)) == fingerprint("loft", declared)
    assert rules.intact(space, overrides)
    for written in ({"en": "By SQL", "ru": None}, None, "nonsense"):
        edited = space | {"description": written}
        assert not rules.intact(edited, overrides)
        assert rules.declared_spec(edited, overrides) == declared, "it is still the owner's place"


@pytest.mark.parametrize("overrides", [[], None, "x", {"colour": 1}, {"contacts": 1}, {"contacts": {"colour": 1}}])
def test_owners_values_that_somebody_broke_are_none(overrides: Any) -> None:
    assert rules.values(overrides) == {}
    assert rules.merge_overrides(document(), rules.values(overrides)) == {}


def test_a_row_that_somebody_broke_is_the_resources() -> None:
    broken = document() | {"contacts": "nonsense"}
    assert "contacts.email" in rules.locked(broken)
    assert rules.declared_spec(broken, {"contacts.email": "x"}) == broken
