"""What `mesto explain` says of a space."""

from __future__ import annotations

from typing import Any

from mesto.cli import explain


def space(*conditions: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    known = {"name": "loft", "namespace": "moscow", "generation": 2} | metadata
    return {"kind": "CoworkingSpace", "metadata": known, "status": {"slug": "loft", "conditions": list(conditions)}}


def condition(name: str, status: str, reason: str = "", message: str = "", generation: int = 2) -> dict[str, Any]:
    return {"type": name, "status": status, "reason": reason, "message": message, "observedGeneration": generation}


WELL = (condition("Ready", "True", "Ready"), condition("Synced", "True", "Synced"))


def test_a_space_that_can_be_booked_has_one_sentence() -> None:
    well = space(*WELL, condition("Bookable", "True", "Bookable"))
    assert explain.bookable(well)
    assert list(explain.sentences(well)) == ["A renter can book it now: loft"]


def test_a_reason_comes_with_what_to_do() -> None:
    unpriced = space(*WELL, condition("Bookable", "False", "NoPrices", "None of its resources has a price."))
    assert not explain.bookable(unpriced)
    assert list(explain.sentences(unpriced)) == [
        "Bookable is False, NoPrices: None of its resources has a price.",
        "  → Give a resource a price: spec.resources[].prices.",
    ]


def test_what_fits_nobody_comes_with_where_to_look() -> None:
    why = "room: the shortest booking takes 15 hours, and the space is open for 14 hours at a stretch at most."
    said = list(explain.sentences(space(*WELL, condition("Bookable", "False", "NothingFits", why))))
    assert said[0] == f"Bookable is False, NothingFits: {why}"
    assert "spec.resources[]" in said[1]


def test_a_generation_that_waits_names_the_one_that_renters_book() -> None:
    waits = space(
        condition("Ready", "False", "WouldAffectBookings", "3 bookings."),
        condition("Bookable", "True", "Bookable", generation=1),
    )
    assert explain.bookable(waits)
    assert explain.generation(waits) == 1
    assert list(explain.sentences(waits)) == [
        "Ready is False, WouldAffectBookings: 3 bookings.",
        "A renter can book generation 1 of it now: loft; generation 2 waits, see above.",
    ]


def test_an_edit_that_is_on_its_way_says_so_and_what_renters_book_meanwhile() -> None:
    moving = space(
        condition("Ready", "True", "Ready", generation=1),
        condition("Bookable", "True", "Bookable", generation=1),
        condition("Progressing", "True", "AwaitingGeo", "Awaiting geo's answer."),
    )
    assert list(explain.sentences(moving)) == [
        "Generation 2 is being applied: Awaiting geo's answer.",
        "A renter can book generation 1 of it now: loft; generation 2 waits, see above.",
    ]


def test_conditions_that_say_the_same_are_one_sentence() -> None:
    conflict = ("False", "Conflict", "The slug loft is taken by berlin/attic.")
    refused = space(
        condition("Ready", *conflict),
        condition("Synced", *conflict),
        condition("Bookable", "False", "NoPrices", "None."),
    )
    assert not explain.bookable(refused)
    assert explain.generation(refused) is None
    first, todo, *others = explain.sentences(refused)
    assert first == "Synced and Ready are False, Conflict: The slug loft is taken by berlin/attic."
    assert todo.startswith("  → Choose another spec.slug")
    assert others[0] == "Bookable is False, NoPrices: None."


def test_a_paused_space_says_how_to_go_on_before_all_else() -> None:
    paused = space(
        condition("Ready", "False", "Paused", "Left alone."), annotations={"mesto.dev/paused": "true"}, generation=3
    )
    first, *others = explain.sentences(paused)
    assert "kubectl mesto resume cws/loft -n moscow" in first
    assert others == []


def test_a_space_without_a_status_or_on_its_way_out_says_so() -> None:
    assert "has not looked at it yet" in next(iter(explain.sentences(space())))
    going = space(*WELL, condition("Bookable", "True"), deletionTimestamp="2026-11-26T10:00:00Z")
    assert explain.bookable(going)
    assert list(explain.sentences(going)) == [
        "It is being deleted since 2026-11-26T10:00:00Z.",
        "A renter can book it until it is gone: loft",
    ]
