"""Taking the steps that ``plan`` asks for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import structlog
from mesto.common.clients import InternalClient, Refused, Unreachable
from mesto.contracts.spaces import SpaceState, SpaceUpsert
from mesto.operator.cache import Key, Resource, ResourceCache, StateCache, key_of
from mesto.operator.cluster import Cluster, Gone
from mesto.operator.kinds.coworkingspace import plan as planning
from mesto.operator.kinds.coworkingspace.plan import FINALIZER, Declared, Desired, Observed, Refusal, drifted, plan
from mesto.operator.kinds.coworkingspace.spec import KIND
from mesto.operator.kinds.coworkingspace.status import Notice
from mesto.operator.kinds.coworkingspace.telling import Teller
from mesto.operator.queue import Later
from mesto.operator.recorder import Recorder
from prometheus_client import Counter

log = structlog.get_logger(__name__)
UPSERTS = Counter("mesto_operator_upserts_total", "Spaces told to catalog", ["outcome"])
STATUS_WRITES = Counter("mesto_operator_status_writes_total", "Status patches sent to the API server")
_MOST_STEPS = 12
_MOST_PARSED = 512
_REASONS = {"slug-conflict": "Conflict", "adopt-needed": "AdoptNeeded", "stale-generation": "StaleGeneration"}


@dataclass
class Spaces:
    """Reconciles CoworkingSpaces. ``refused_seconds`` is how long a refusal stands before catalog is asked again."""

    cluster: Cluster
    catalog: InternalClient
    resources: ResourceCache
    states: StateCache
    recorder: Recorder
    refused_seconds: float
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    teller: Teller = field(init=False)
    forced: set[Key] = field(default_factory=set)
    refusals: dict[Key, Refusal] = field(default_factory=dict)
    resyncs: dict[Key, str] = field(default_factory=dict)
    parsed: OrderedDict[tuple[str, int, str], Declared] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.teller = Teller(self.catalog)

    async def reconcile(self, key: Key) -> float | None:
        """Bring one resource and its space together; seconds to look again. Raises Later when something is away."""
        forced, observed = key in self.forced, Observed()
        self.forced.discard(key)
        for _ in range(_MOST_STEPS):
            resource = self.resources.get(key)
            if resource is None:
                self.refusals.pop(key, None)
                self.resyncs.pop(key, None)
                return None
            wanted = planning.desired(resource, self._declared(resource))
            forced = self._asked(key, resource, wanted) or forced
            # A forced pass asks about a standing refusal too: whoever held the slug may have let it go.
            standing = observed.refusal or (None if forced else self.refusals.get(key))
            observed = replace(observed, state=self.states.get(wanted.uid), refusal=standing, force=forced)
            action = plan(wanted, observed, self.now())
            if action is None:
                return self._later(key, wanted, observed)
            try:
                observed = await self._take(key, resource, wanted, observed, action)
            except Gone:
                self.resources.drop(key.plural, resource)
                continue
            forced = observed.force
        raise Later("the resource keeps changing")

    def _declared(self, resource: Resource) -> Declared:
        """Parsed once for the passes and steps of the last few hundred generations: parsing is most of a step."""
        edition = planning.edition(resource)
        known = self.parsed.pop(edition, None) or planning.declared(resource)
        self.parsed[edition] = known
        if len(self.parsed) > _MOST_PARSED:
            self.parsed.popitem(last=False)
        return known

    def _asked(self, key: Key, resource: Resource, wanted: Desired) -> bool:
        """Whether ``mesto.dev/resync`` has a value that was not acted on by this process; telling twice is harmless."""
        value = str((resource["metadata"].get("annotations") or {}).get("mesto.dev/resync", ""))
        if wanted.paused or value == self.resyncs.get(key, ""):
            return False
        self.resyncs[key] = value
        return bool(value)

    def _later(self, key: Key, wanted: Desired, observed: Observed) -> float | None:
        if observed.unreachable:
            raise Later(observed.unreachable)
        refused = observed.refusal is not None and observed.refusal.body == wanted.body
        if not refused:
            self.refusals.pop(key, None)
            return None
        self.forced.add(key)  # the next pass asks again
        return self.refused_seconds

    async def _take(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        match action:
            case planning.AddFinalizer():
                await self._finalizers(key, resource, present=True)
            case planning.Upsert(body):
                return await self._upsert(key, resource, wanted, observed, body)
            case planning.Remove(policy):
                return await self._remove(wanted, observed, policy)
            case planning.RemoveFinalizer(notice):
                self._tell(resource, notice)
                await self._finalizers(key, resource, present=False)
            case planning.WriteStatus(status, notices):
                STATUS_WRITES.inc()
                self.resources.put(key.plural, await self.cluster.set_status(key.plural, resource, status))
                for notice in notices:
                    self._tell(resource, notice)
        return observed

    async def _finalizers(self, key: Key, resource: Resource, *, present: bool) -> None:
        metadata = resource["metadata"]
        others = [name for name in metadata.get("finalizers") or [] if name != FINALIZER]
        wanted = [*others, FINALIZER] if present else others
        patched = await self.cluster.set_finalizers(key.plural, resource, wanted)
        self.resources.put(key.plural, patched)
        if not present and not others:
            self.resources.drop(key.plural, patched)

    def _tell(self, resource: Resource, notice: Notice) -> None:
        told = (notice.type, notice.reason, notice.message, notice.action)
        event = self.cluster.event(resource, KIND.kind, *told)
        self.recorder.note(f"{notice.reason} of {key_of(KIND.plural, resource)}", partial(self.cluster.tell, event))

    async def _upsert(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, body: SpaceUpsert
    ) -> Observed:
        before: SpaceState | None = observed.state
        try:
            result = await self.teller.tell(wanted.uid, body)
        except Unreachable as error:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), force=False)
        except Refused as error:
            return self._refused(key, observed, body, error)
        UPSERTS.labels(result.outcome).inc()
        self.states.put(result.state)
        self.refusals.pop(key, None)
        log.info("space_told", key=str(key), generation=body.generation, outcome=result.outcome)
        if result.outcome == "adopted":
            self._tell(resource, Notice("Normal", "Adopted", f"Took over space {result.state.space_id}."))
        elif result.outcome == "updated" and (
            drifted(wanted.declared, before) or self._repaired(before, wanted.declared, result.state)
        ):
            self._tell(
                resource, Notice("Warning", "DriftCorrected", "The stored space differed from the resource; put right.")
            )
        return replace(observed, refusal=None, force=False)

    @staticmethod
    def _repaired(before: SpaceState | None, declared: Declared, after: SpaceState) -> bool:
        """Whether a resync of a generation that was stored had to change the row."""
        return planning.stored(declared, before) and before is not None and after.revision > before.revision

    def _refused(self, key: Key, observed: Observed, body: SpaceUpsert, error: Refused) -> Observed:
        if error.status not in (400, 409, 422):
            # 401, 403, 404, 413, 429: our wiring or load, not this resource's fault.
            return replace(observed, unreachable=f"catalog answered {error.status}: {error}", force=False)
        UPSERTS.labels("refused").inc()
        wrong = "; ".join(f"{one.get('field')}: {one.get('message')}" for one in error.body.get("errors") or [])
        refusal = Refusal(body, _REASONS.get(error.slug, "Invalid"), wrong or str(error))
        self.refusals[key] = refusal
        log.info("space_refused", key=str(key), reason=refusal.reason, message=refusal.message)
        return replace(observed, refusal=refusal, force=False)

    async def _remove(self, wanted: Desired, observed: Observed, policy: str) -> Observed:
        try:
            await self.catalog.call("DELETE", f"/internal/spaces/{wanted.uid}", params={"policy": policy})
        except (Unreachable, Refused) as error:
            return replace(observed, unreachable=str(error))
        return replace(observed, removed=True, unreachable="")
