"""The plan of a CoworkingSpace: it converges from anywhere, survives a crash between any two steps, and then rests."""

from __future__ import annotations

import pytest
from mesto.contracts.spaces import Doubt
from mesto.operator.kinds.coworkingspace.plan import (
    AddFinalizer,
    Remove,
    RemoveFinalizer,
    Upsert,
    WriteStatus,
    drifted,
    parse,
)
from support.clients.spaces import conditions
from support.fakes.space_world import World, ready_world


def test_a_new_resource_gets_the_finalizer_then_the_row_then_the_status() -> None:
    taken = [type(action) for action in World.new().reconcile()]
    assert taken == [AddFinalizer, Upsert, WriteStatus]


def test_ready_waits_for_booking_and_geo_and_says_for_whom() -> None:
    world = World.new()
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")
    assert world.condition("Ready") == ("False", "AwaitingBooking")
    assert world.condition("Located") == ("Unknown", "AwaitingGeo")
    world.apply_by("booking")
    world.reconcile()
    assert world.condition("Ready") == ("False", "AwaitingGeo")
    world.apply_by("geo")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")
    assert world.condition("Located") == ("True", "Located")
    status = world.resource["status"]
    assert status["district"] == "basmanny"
    assert status["nearestTransit"] == {"name": "Turgenevskaya", "line": "6", "metres": 240}
    assert status["observedGeneration"] == 1


def test_what_geo_doubts_is_told_once_and_takes_nothing_from_ready() -> None:
    world = ready_world()
    row = world.row
    assert row is not None
    assert row.located is not None
    assert "Plausible" not in conditions(world.resource)
    doubts = [Doubt(reason="FarFromCity", message="Far."), Doubt(reason="OtherTimeZone", message="Odd.")]
    world.rows[world.uid] = row.model_copy(update={"located": row.located.model_copy(update={"doubts": doubts})})
    (written,) = world.reconcile()
    assert world.condition("Plausible") == ("False", "FarFromCity")
    assert conditions(world.resource)["Plausible"]["message"] == "Far. Odd."
    assert world.condition("Ready") == ("True", "Ready")
    assert [(notice.type, notice.reason, notice.message) for notice in written.notices] == [
        ("Warning", "FarFromCity", "Not plausible: Far. Odd.")
    ]
    world.rows[world.uid] = row
    world.reconcile()
    assert world.condition("Plausible") == ("True", "Plausible")


def test_the_address_of_a_page_is_told_while_there_is_one() -> None:
    world = ready_world()
    assert world.resource["status"]["url"] == "http://mesto/spaces/loft"
    assert world.row is not None
    world.rows[world.uid] = world.row.model_copy(update={"url": ""})
    world.reconcile()
    assert "url" not in world.resource["status"]


def test_a_steady_state_writes_nothing_even_when_everything_is_told_again() -> None:
    world = ready_world()
    writes = world.writes
    world.reconcile()
    world.reconcile(force=True)
    assert world.writes == writes


def test_a_new_generation_keeps_the_old_place_until_geo_answers_about_it() -> None:
    world = ready_world()
    world.edit(address="Покровка, 1")
    world.reconcile()
    assert world.condition("Progressing") == ("True", "AwaitingBooking")
    located = conditions(world.resource)["Located"]
    assert (located["status"], located["observedGeneration"]) == ("True", 1)
    world.apply_by("booking")
    world.apply_by("geo", outcome="refused", reason="UnknownCity")
    world.reconcile()
    assert world.condition("Located") == ("False", "UnknownCity")
    assert world.condition("Ready") == ("False", "UnknownCity")


def test_the_moment_of_transition_moves_with_the_status_only() -> None:
    world = ready_world()
    before = conditions(world.resource)["Synced"]["lastTransitionTime"]
    world.edit(address="Покровка, 1")
    world.reconcile()
    synced = conditions(world.resource)["Synced"]
    assert (synced["lastTransitionTime"], synced["observedGeneration"]) == (before, 2)
    assert conditions(world.resource)["Progressing"]["lastTransitionTime"] > before


def test_while_an_edit_is_on_its_way_what_was_applied_before_stays_ready_and_bookable() -> None:
    world = ready_world()
    before = conditions(world.resource)
    world.edit(address="Покровка, 1")
    world.reconcile()
    meanwhile = conditions(world.resource)
    for name in ("Ready", "Bookable"):
        assert meanwhile[name] == before[name], "it says of which generation it is true"
    assert world.resource["status"]["observedGeneration"] == 1
    assert (meanwhile["Progressing"]["status"], meanwhile["Progressing"]["observedGeneration"]) == ("True", 2)
    world.apply_by("booking")
    world.reconcile()
    assert conditions(world.resource)["Bookable"]["observedGeneration"] == 2
    assert world.condition("Progressing") == ("True", "AwaitingGeo")
    world.apply_by("geo")
    world.reconcile()
    after = conditions(world.resource)
    assert after["Ready"] == before["Ready"] | {"observedGeneration": 2}, "no transition"
    assert world.condition("Progressing") == ("False", "Applied")
    assert world.resource["status"]["observedGeneration"] == 2


def test_a_generation_that_booking_refuses_leaves_the_one_before_bookable() -> None:
    world = ready_world()
    world.edit(address="Покровка, 1")
    world.reconcile()
    world.apply_by("geo")
    world.apply_by("booking", outcome="refused", reason="UnknownTimeZone")
    world.reconcile()
    assert world.condition("Ready") == ("False", "UnknownTimeZone")
    assert world.condition("Progressing") == ("False", "UnknownTimeZone")
    bookable = conditions(world.resource)["Bookable"]
    assert (bookable["status"], bookable["observedGeneration"]) == ("True", 1)


@pytest.mark.parametrize(("policy", "reason"), [("Retain", "Retained"), ("Delete", "Deleted")])
def test_a_resource_that_others_hold_after_its_space_is_gone_says_so(policy: str, reason: str) -> None:
    world = ready_world(deletionPolicy=policy)
    world.resource["metadata"]["finalizers"].append("example.org/backup")
    world.delete()
    taken = world.reconcile()
    assert [type(action) for action in taken] == [Remove, RemoveFinalizer, WriteStatus]
    assert taken[-1].notices == (), "it was told when it was let go"
    for name in ("Ready", "Synced", "Bookable", "Progressing"):
        assert world.condition(name) == ("False", reason)
    assert world.resource["metadata"]["finalizers"] == ["example.org/backup"]
    assert world.reconcile() == []


def test_a_row_changed_behind_our_back_is_told_again() -> None:
    world = ready_world()
    assert world.row is not None
    world.rows[world.uid] = world.row.model_copy(update={"fingerprint": "another"})
    desired = parse(world.resource).declared
    assert drifted(desired, world.row)
    assert isinstance(world.reconcile()[0], Upsert)
    assert not drifted(desired, world.row)


def test_a_refusal_is_a_condition_and_stands_until_the_body_changes() -> None:
    world = World.new()
    world.slug_taken = True
    world.reconcile()
    assert world.condition("Synced") == ("False", "Conflict")
    assert world.condition("Ready") == ("False", "Conflict")
    assert "spaceId" not in world.resource["status"]
    world.slug_taken = False
    world.edit(slug="other")
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")
    assert world.resource["status"]["slug"] == "other"


def test_catalog_away_is_told_for_a_generation_it_does_not_have_only() -> None:
    world = ready_world()
    world.catalog_up = False
    world.reconcile(force=True)
    assert world.condition("Ready") == ("True", "Ready")
    world.edit(address="Покровка, 1")
    world.reconcile()
    assert world.condition("Synced") == ("False", "CatalogUnavailable")
    assert world.condition("Ready") == ("False", "CatalogUnavailable")
    assert world.condition("Located") == ("True", "Located")


def test_a_paused_resource_is_left_alone_and_says_so() -> None:
    world = ready_world()
    world.annotate("paused", "true")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Paused")
    world.edit(address="Покровка, 1")
    world.reconcile()
    assert world.condition("Ready") == ("False", "Paused")
    assert world.condition("Synced") == ("True", "Synced")
    assert world.row is not None
    assert world.row.generation == 1
    world.annotate("paused", None)
    world.reconcile()
    assert world.row.generation == 2


@pytest.mark.parametrize(("policy", "left"), [("Retain", True), ("Delete", False), (None, True)])
def test_deletion_tells_catalog_then_lets_go(policy: str | None, left: bool) -> None:
    world = World.new(**({"deletionPolicy": policy} if policy else {}))
    world.reconcile()
    world.delete()
    assert [type(action) for action in world.reconcile()] == [Remove, RemoveFinalizer]
    assert world.gone
    assert (world.row is not None) == left
    assert world.row is None or world.row.removed


def test_deletion_waits_for_catalog_and_says_why() -> None:
    world = ready_world()
    world.catalog_up = False
    world.delete()
    world.reconcile()
    assert world.condition("Ready") == ("False", "DeletionWaits")
    assert not world.gone
    world.catalog_up = True
    world.reconcile()
    assert world.gone


def test_a_change_that_strands_bookings_waits_until_its_very_generation_is_accepted() -> None:
    world = ready_world()
    world.affected = 2
    world.resize(1)
    told = [action for action in world.reconcile() if isinstance(action, WriteStatus)]
    assert [notice.reason for action in told for notice in action.notices] == ["WouldAffectBookings"]
    assert world.condition("Ready") == ("False", "WouldAffectBookings")
    assert world.condition("Synced") == ("False", "WouldAffectBookings")
    assert world.row is not None
    assert world.row.generation == 1
    writes = world.writes
    world.reconcile()
    assert world.writes == writes, "the same answer is no news"
    world.accept(1)
    world.reconcile()
    assert world.condition("Synced") == ("False", "WouldAffectBookings"), "another generation was accepted"
    world.accept()
    world.reconcile()
    assert (world.condition("Synced"), world.row.generation) == (("True", "Synced"), 2)
    world.edit(address="Покровка, 1")
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced"), "what was accepted is not asked about again"


def test_a_change_that_bookings_stand_against_no_more_is_made() -> None:
    world = ready_world()
    world.affected = 1
    world.resize(1)
    world.reconcile()
    world.affected = 0
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")


def test_booking_away_is_told_for_what_could_strand_only() -> None:
    world = ready_world()
    world.booking_up = False
    world.edit(address="Покровка, 1")
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")
    world.resize(1)
    world.reconcile()
    assert world.condition("Synced") == ("False", "BookingUnavailable")
    assert world.condition("Ready") == ("False", "BookingUnavailable")
    world.booking_up = True
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")


def test_deletion_that_strands_bookings_waits_until_it_is_accepted() -> None:
    world = World.new(deletionPolicy="Delete")
    world.reconcile()
    world.affected = 3
    world.accept()
    world.delete()
    told = [action for action in world.reconcile() if isinstance(action, WriteStatus)]
    assert [notice.reason for action in told for notice in action.notices] == ["WouldAffectBookings"]
    assert world.condition("Ready") == ("False", "WouldAffectBookings")
    assert world.condition("Synced") == ("True", "Synced"), "catalog has what was declared last"
    assert not world.gone
    world.accept()
    world.reconcile()
    assert world.gone
    assert world.row is None


def test_a_resource_without_our_finalizer_deletes_nothing() -> None:
    world = World.new(deletionPolicy="Delete")
    world.delete()
    assert world.reconcile() == []


def test_a_spec_that_breaks_the_models_is_a_condition_with_the_field() -> None:
    world = World.new(timeZone=7)
    world.reconcile()
    assert world.condition("Synced") == ("False", "Invalid")
    assert "timeZone" in conditions(world.resource)["Synced"]["message"]


def test_a_wrong_adopt_annotation_is_a_condition() -> None:
    world = World.new()
    world.annotate("adopt", "not a uuid")
    world.reconcile()
    assert world.condition("Synced") == ("False", "Invalid")


def test_all_is_well_is_told_once() -> None:
    world = World.new()
    told = [action for action in world.reconcile() if isinstance(action, WriteStatus)]
    assert [notice.reason for action in told for notice in action.notices] == []
    world.apply_by("booking")
    world.apply_by("geo")
    told = [action for action in world.reconcile() if isinstance(action, WriteStatus)]
    assert [notice.reason for action in told for notice in action.notices] == ["Ready"]
