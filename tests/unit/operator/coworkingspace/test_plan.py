"""The plan of a CoworkingSpace: it converges from anywhere, survives a crash between any two steps, and then rests."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesto.contracts.spaces import Applied, Bookable, Doubt, Located, Named, SpaceState, SpaceUpsert, Stop, fingerprint
from mesto.contracts.text import Text
from mesto.operator.kinds.coworkingspace.plan import (
    FINALIZER,
    AddFinalizer,
    Observed,
    Refusal,
    Remove,
    RemoveFinalizer,
    Upsert,
    WriteStatus,
    drifted,
    parse,
    plan,
)
from support.clients.spaces import conditions, space

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def state_of(uid: UUID, body: SpaceUpsert, revision: int, known: SpaceState | None = None) -> SpaceState:
    """What catalog has after an upsert; answers that were given stay."""
    return SpaceState(
        uid=uid,
        namespace=body.namespace,
        name=body.name,
        space_id=known.space_id if known else uuid4(),
        slug=body.slug,
        url=f"http://mesto/spaces/{body.slug}",
        revision=revision,
        generation=body.generation,
        bookable=Bookable(status=True, reason="Bookable"),
        applied=known.applied if known else {},
        located=known.located if known else None,
        fingerprint=fingerprint(body.slug, body.spec.model_dump(mode="json")),
    )


def answered(state: SpaceState, service: str, outcome: Any = "applied", reason: str = "Applied") -> SpaceState:
    """The state after a service's answer about its revision."""
    applied = state.applied | {service: Applied(revision=state.revision, outcome=outcome, reason=reason)}
    located = state.located
    if service == "geo" and outcome == "applied":
        located = Located(
            space_revision=state.revision,
            city=Named(slug="moscow", name=Text(en="Moscow")),
            district=Named(slug="basmanny", name=Text(en="Basmanny")),
            transit=[Stop(name="Far", metres=900), Stop(name="Turgenevskaya", line="6", metres=240)],
        )
    return state.model_copy(update={"applied": applied, "located": located})


def seats_of(body: SpaceUpsert) -> int:
    return body.spec.resources[0].seats


@dataclass
class World:
    """An API server and a catalog with one resource, as far as the plan can see them."""

    resource: dict[str, Any]
    rows: dict[UUID, SpaceState] = field(default_factory=dict)
    catalog_up: bool = True
    slug_taken: bool = False
    booking_up: bool = True
    affected: int = 0  # bookings that narrowing or deleting it would strand
    gone: bool = False
    writes: int = 0
    now: datetime = START
    seats: int = 0

    @classmethod
    def new(cls, **spec: Any) -> World:
        manifest = space("loft", **spec)
        manifest["metadata"] |= {"namespace": "moscow", "uid": str(uuid4()), "generation": 1}
        return cls(manifest)

    @property
    def uid(self) -> UUID:
        return UUID(self.resource["metadata"]["uid"])

    @property
    def row(self) -> SpaceState | None:
        return self.rows.get(self.uid)

    def edit(self, **spec: Any) -> None:
        self.resource["spec"] |= spec
        self.resource["metadata"]["generation"] += 1

    def resize(self, seats: int) -> None:
        self.edit(resources=[self.resource["spec"]["resources"][0] | {"seats": seats}])

    def accept(self, generation: int | None = None) -> None:
        self.annotate("accept-affected", str(generation or self.resource["metadata"]["generation"]))

    def annotate(self, name: str, value: str | None) -> None:
        annotations = self.resource["metadata"].setdefault("annotations", {})
        annotations.pop(f"mesto.dev/{name}", None)
        if value is not None:
            annotations[f"mesto.dev/{name}"] = value

    def delete(self) -> None:
        self.resource["metadata"]["deletionTimestamp"] = "2026-11-23T12:00:00Z"
        self.resource["metadata"]["generation"] += 1  # as the API server does
        self.gone = not self.resource["metadata"].get("finalizers")

    def apply_by(self, service: str, **how: Any) -> None:
        if self.row is not None and not self.row.removed:
            self.rows[self.uid] = answered(self.row, service, **how)

    def execute(self, action: Any, observed: Observed) -> Observed:
        """What really happens when a step is taken."""
        self.writes += 1
        metadata = self.resource["metadata"]
        match action:
            case AddFinalizer():
                metadata.setdefault("finalizers", []).append(FINALIZER)
            case RemoveFinalizer():
                metadata["finalizers"].remove(FINALIZER)
                self.gone = not metadata["finalizers"]
            case WriteStatus(status, _):
                self.resource["status"] = copy.deepcopy(status)
            case Upsert(body):
                self.writes -= 1
                return self._upsert(body, observed)
            case Remove(policy, accepted):
                if not self.catalog_up:
                    return replace(observed, unreachable="connection refused")
                if self.row and policy == "delete" and not accepted:
                    if not self.booking_up:
                        return replace(observed, unreachable="booking is away")
                    if self.affected:
                        return replace(observed, affected=f"It would strand {self.affected}.")
                if self.row and policy == "delete":
                    del self.rows[self.uid]
                elif self.row:
                    self.rows[self.uid] = self.row.model_copy(update={"removed": True})
                return replace(observed, removed=True)
        return observed

    def _upsert(self, body: SpaceUpsert, observed: Observed) -> Observed:
        if not self.catalog_up:
            return replace(observed, unreachable="connection refused", force=False)
        if self.slug_taken and self.row is None:
            return replace(observed, refusal=Refusal(body, "Conflict", "The slug loft is taken by a/b."), force=False)
        known = self.row
        if known is not None and not body.accept_affected and seats_of(body) < self.seats:
            if not self.booking_up:
                away = "booking is away"
                return replace(observed, unreachable=away, away="BookingUnavailable", force=False)
            if self.affected:
                no = Refusal(body, "WouldAffectBookings", f"It would strand {self.affected}.")
                return replace(observed, refusal=no, force=False)
        self.seats = seats_of(body)
        fresh = state_of(self.uid, body, known.revision if known else 1, known)
        if known is None or fresh != known:
            self.writes += 1
            same = known is not None and fresh.fingerprint == known.fingerprint and not known.removed
            revision = fresh.revision if same else fresh.revision + 1
            self.rows[self.uid] = fresh.model_copy(update={"revision": revision})
        return replace(observed, force=False)

    def reconcile(self, steps: int = 20, force: bool = False) -> list[Any]:
        """At most ``steps`` steps: fewer than it needs is a crash. Nothing is remembered from an earlier run."""
        observed, taken = Observed(force=force), []
        self.now += timedelta(seconds=1)
        for _ in range(steps):
            if self.gone:
                break
            observed = replace(observed, state=self.row)
            action = plan(parse(self.resource), observed, self.now)
            if action is None:
                break
            taken.append(action)
            observed = self.execute(action, observed)
        assert len(taken) < 10, "the plan does not come to rest"
        return taken

    def condition(self, name: str) -> tuple[str, str]:
        one = conditions(self.resource)[name]
        return one["status"], one["reason"]


def ready_world(**spec: Any) -> World:
    world = World.new(**spec)
    world.reconcile()
    world.apply_by("booking")
    world.apply_by("geo")
    world.reconcile()
    return world


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
    assert [(one.type, one.reason, one.message) for one in written.notices] == [
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
    assert {one["observedGeneration"] for one in conditions(world.resource).values()} == {generation}
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
