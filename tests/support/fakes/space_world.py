"""A world for CoworkingSpaces in one process: an API server, a catalog, booking and geo of a few lines."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mesto.contracts.spaces import Applied, Bookable, Located, Named, SpaceState, SpaceUpsert, Stop, fingerprint
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
        condition = conditions(self.resource)[name]
        return condition["status"], condition["reason"]


def ready_world(**spec: Any) -> World:
    world = World.new(**spec)
    world.reconcile()
    world.apply_by("booking")
    world.apply_by("geo")
    world.reconcile()
    return world
