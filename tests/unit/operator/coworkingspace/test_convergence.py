"""Whatever happened to a CoworkingSpace, its plan converges and rests."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.clients.spaces import conditions
from support.fakes.space_world import World

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(["Покровка, 1", "Покровка, 2"])),
        st.tuples(st.just("slug"), st.sampled_from(["loft", "attic"])),
        st.tuples(st.just("catalog"), st.booleans()),
        st.tuples(st.just("taken"), st.booleans()),
        st.tuples(st.just("booking"), st.booleans()),
        st.tuples(st.just("affected"), st.integers(0, 2)),
        st.tuples(st.just("resize"), st.integers(1, 5)),
        st.tuples(st.just("accept"), st.integers(1, 4)),
        st.tuples(st.just("paused"), st.sampled_from(["true", None])),
        st.tuples(st.just("answer"), st.sampled_from(["booking", "geo"])),
        st.tuples(st.just("drift"), st.none()),
        st.tuples(st.just("crash after"), st.integers(0, 4)),
    ),
    max_size=12,
)


def act(world: World, what: str, value: Any) -> None:
    match what:
        case "edit":
            world.edit(address=value)
        case "slug":
            world.edit(slug=value)
        case "catalog":
            world.catalog_up = value
        case "taken":
            world.slug_taken = value
        case "booking":
            world.booking_up = value
        case "affected":
            world.affected = value
        case "resize":
            world.resize(value)
        case "accept":
            world.accept(value)
        case "paused":
            world.annotate("paused", value)
        case "answer":
            world.apply_by(value)
        case "drift" if world.row is not None:
            world.rows[world.uid] = world.row.model_copy(update={"fingerprint": "another"})
        case "crash after":
            world.reconcile(steps=value)


@settings(max_examples=150, deadline=None)
@given(CHANGES, st.sampled_from([None, "Retain", "Delete"]))
def test_whatever_happened_it_converges_and_rests(changes: list[tuple[str, Any]], deleted: str | None) -> None:
    world = World.new(**({"deletionPolicy": deleted} if deleted else {}))
    for what, value in changes:
        act(world, what, value)
    world.catalog_up, world.slug_taken, world.booking_up = True, False, True
    world.annotate("paused", None)
    world.accept()
    world.reconcile()
    world.apply_by("booking")
    world.apply_by("geo")
    world.reconcile()
    generation = world.resource["metadata"]["generation"]
    assert world.condition("Ready") == ("True", "Ready")
    assert {condition["observedGeneration"] for condition in conditions(world.resource).values()} == {generation}
    assert list(world.rows) == [world.uid]
    writes = world.writes
    world.reconcile(force=True)
    assert world.writes == writes
    if deleted:
        world.delete()
        world.reconcile(steps=1)
        world.reconcile()
        assert world.gone == (deleted == "Retain" or world.affected == 0)
        world.accept()
        world.reconcile()
        assert world.gone
        assert (world.row is None) == (deleted == "Delete")
