"""Owners' values beside declared ones: whatever comes together, each side finds its own again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.catalog.owner_edits import rules as ownership
from mesto.contracts.spaces import SpaceSpec, fingerprint
from support.catalog import spec_of

TEXTS = st.sampled_from(["", "a", "b"])
LISTED = st.lists(TEXTS, max_size=2)


def document(**changes: Any) -> dict[str, Any]:
    return SpaceSpec.model_validate(spec_of(**changes)).model_dump(mode="json")


def one_value(path: str) -> st.SearchStrategy[Any]:
    if path in ownership.LISTS:
        return st.none() | LISTED
    if path == "booking.cancellation":
        return st.none() | LISTED
    return st.none() | TEXTS


VALUES = st.fixed_dictionaries({}, optional={path: one_value(path) for path in ownership.PATHS})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Specs as far as ownership looks at them: values of any content, fields there or not."""
    found: dict[str, Any] = {name: draw(LISTED) for name in ownership.LISTS}
    for name, parts in ownership.PARTS.items():
        field = {part: draw(one_value(f"{name}.{part}")) for part in parts}
        found[name] = field if name == "title" else draw(st.none() | st.just(field))
    return found | dict.fromkeys(ownership.ALWAYS_DECLARED, "x")


@given(declared=documents(), wanted=VALUES)
def test_the_declared_spec_is_found_again(declared: dict[str, Any], wanted: dict[str, Any]) -> None:
    held = ownership.hold(declared, wanted)
    space = ownership.in_effect(declared, held)
    assert ownership.declared_in(space, held) == declared
    assert ownership.hold(declared, ownership.values(held)) == held
    for path in ownership.PATHS:
        mine = wanted.get(path)
        if path in ownership.locked(declared) or mine is None or (path in ownership.LISTS and not mine):
            assert ownership.at(space, path) == ownership.at(declared, path)
        else:
            assert ownership.at(space, path) == mine


@given(before=documents(), after=documents(), wanted=VALUES)
def test_the_next_generation_takes_what_it_declares_and_leaves_the_rest(
    before: dict[str, Any], after: dict[str, Any], wanted: dict[str, Any]
) -> None:
    first = ownership.hold(before, wanted)
    then = ownership.hold(after, ownership.values(first))
    assert ownership.declared_in(ownership.in_effect(after, then), then) == after
    kept, had = ownership.values(then), ownership.values(first)
    assert kept == {path: value for path, value in had.items() if path not in ownership.locked(after)}


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        ({}, ["opening_hours"]),
        ({"opening_hours": []}, []),
    ],
)
def test_a_list_is_locked_as_a_whole(changes: dict[str, Any], free: list[str]) -> None:
    assert [path for path in ("opening_hours",) if path in ownership.locked(document(**changes))] == free


def test_texts_and_contacts_are_locked_part_by_part() -> None:
    declared = document(title={"ru": "Лофт"}, contacts={"phone": "+74951234567"})
    found = ownership.locked(declared)
    assert {"title.ru", "contacts.phone", "city", "published"} <= set(found)
    assert not {"title.en", "contacts.email", "description.ru", "booking.approval", "exceptions"} & set(found)


def test_nothing_is_ever_paid_back_is_something_declared() -> None:
    assert "booking.cancellation" in ownership.locked(document(booking={"cancellation": []}))


def test_what_somebody_else_put_in_an_owners_place_shows() -> None:
    declared = document()
    held = ownership.hold(declared, {"description.en": "Mine"})
    space = ownership.in_effect(declared, held)
    assert fingerprint("loft", ownership.declared_in(space, held)) == fingerprint("loft", declared)
    assert ownership.intact(space, held)
    for written in ({"en": "By SQL", "ru": None}, None, "nonsense"):
        edited = space | {"description": written}
        assert not ownership.intact(edited, held)
        assert ownership.declared_in(edited, held) == declared, "it is still the owner's place"


@pytest.mark.parametrize("held", [[], None, "x", {"colour": 1}, {"contacts": 1}, {"contacts": {"colour": 1}}])
def test_owners_values_that_somebody_broke_are_none(held: Any) -> None:
    assert ownership.values(held) == {}
    assert ownership.hold(document(), ownership.values(held)) == {}


def test_a_row_that_somebody_broke_is_the_resources() -> None:
    broken = document() | {"contacts": "nonsense"}
    assert "contacts.email" in ownership.locked(broken)
    assert ownership.declared_in(broken, {"contacts.email": "x"}) == broken
