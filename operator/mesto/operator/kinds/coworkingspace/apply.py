"""Executing the steps that ``plan`` asks for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.spaces import SpaceState, SpaceUpsert
from mesto.operator.cache import Key, StateCache
from mesto.operator.conditions import Notice
from mesto.operator.controller import Controller, ControllerContext, acceptance_hint
from mesto.operator.kinds.coworkingspace import plan as planning
from mesto.operator.kinds.coworkingspace.plan import FINALIZER, Declared, Desired, Observed, Refusal, drifted
from mesto.operator.kinds.coworkingspace.spec import KIND, RENAMED
from mesto.operator.kinds.coworkingspace.status import BOOKING_AWAY, WOULD_AFFECT, complete, only_answers_are_new
from mesto.operator.kinds.coworkingspace.upsert_client import BatchingCatalogClient
from mesto.operator.objects import Resource, conditions_of
from mesto.operator.paths import service_faults
from mesto.operator.queue import Priority
from prometheus_client import Counter

log = structlog.get_logger(__name__)
UPSERTS = Counter("mesto_operator_upserts_total", "Spaces told to catalog", ["outcome"])
_MOST_PARSED = 512
# How long an answer waits for the others, so that one status tells of all: longer while there is much to do, for
# services that work through thousands of spaces answer each at a time of their own, minutes apart.
_PARTIAL_SECONDS, _LONGEST_PARTIAL_SECONDS, _PARTIAL_PER_SECOND = 5.0, 300.0, 4
_WOULD_AFFECT, _BOOKING_AWAY = "would-affect-bookings", "booking-unavailable"
_CONFLICT, _ADOPT_NEEDED, _INVALID = "Conflict", "AdoptNeeded", "Invalid"
_REASONS = {
    "slug-conflict": _CONFLICT,
    "adopt-needed": _ADOPT_NEEDED,
    "adopt-unknown": "AdoptUnknown",
    "stale-generation": "StaleGeneration",
    "city-not-allowed": "CityNotAllowed",
    "unknown-city": "UnknownCity",
    _WOULD_AFFECT: WOULD_AFFECT,
}


class Spaces(Controller[Desired, Observed]):
    """CoworkingSpaces. ``refused_seconds`` is how long a refusal stands before catalog is asked again.

    ``on_missing_suspected`` is called when a resource that catalog knows may not be there: one that another's claim
    stands against, one that went without telling us.
    """

    kind = KIND
    finalizer = FINALIZER

    def __init__(
        self, context: ControllerContext, catalog: InternalClient, states: StateCache, refused_seconds: float
    ) -> None:
        super().__init__(context)
        self.catalog, self.states, self.refused_seconds = catalog, states, refused_seconds
        # New work does not wait for the answer to a request full of resyncs.
        self.upsert_client, self.resync_client = BatchingCatalogClient(catalog), BatchingCatalogClient(catalog)
        self.refusals: dict[Key, Refusal] = {}
        self.on_missing_suspected: Callable[[], None] = lambda: None
        self._parsed: OrderedDict[planning.Edition, Declared] = OrderedDict()

    def on_state(self, state: SpaceState) -> None:
        """Take in a state from catalog's feed; when it frees a slug, those refused for its sake may try again."""
        key = Key(KIND.plural, state.namespace, state.name)
        known = key in self.resources
        self._release_renamed(self.states.get(state.uid), state)
        if state.removed:
            self.on_slug_released(state.slug)
            if not known:
                self.states.drop(state.uid)
                return
        if not self.states.update(state) or not known:  # an upsert's answer has told us
            return
        if complete(state):
            self.context.queue.add(key, Priority.ANSWERS)
        elif not self.context.queue.is_planned(key):  # the next answer is on its way: one status for both
            queue = self.context.queue
            seconds = max(_PARTIAL_SECONDS, (len(queue) + queue.planned) / _PARTIAL_PER_SECOND)
            queue.add_after(key, min(_LONGEST_PARTIAL_SECONDS, seconds), Priority.ANSWERS)

    def _release_renamed(self, before: SpaceState | None, state: SpaceState) -> None:
        if before is not None and before.slug != state.slug:
            self.on_slug_released(before.slug)

    def on_slug_released(self, slug: str) -> None:
        """Let those who wait for a slug, which is not held as before, try again."""
        for key, refusal in self.refusals.items():
            if refusal.body.slug == slug and refusal.reason in (_CONFLICT, _ADOPT_NEEDED):
                self.resync_space(key.namespace, key.name)

    def resync_space(self, namespace: str, name: str) -> None:
        """Tell catalog of a space although nothing seems to differ."""
        key = Key(KIND.plural, namespace, name)
        if key in self.resources:
            self.forced.add(key)
            self.context.queue.add(key)

    def stored(self) -> dict[UUID, tuple[str, str]]:
        """Return namespace and name by uid of resources whose status says that catalog has them."""
        return {
            UUID(resource["metadata"]["uid"]): (resource["metadata"]["namespace"], resource["metadata"]["name"])
            for resource in self.resources.all(KIND.plural)
            if "deletionTimestamp" not in resource["metadata"]
            and any(
                (condition["type"], condition["status"]) == ("Synced", "True") for condition in conditions_of(resource)
            )
        }

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.refusals.pop(key, None)

    def deleted(self, uid: UUID) -> None:
        state = self.states.get(uid)
        if state is not None and not state.removed:
            self.on_missing_suspected()  # it went without us
        self.states.drop(uid)

    def parse(self, resource: Resource) -> Desired:
        return planning.parse(resource, self._parse_spec(resource))

    def observe(self, key: Key, desired: Desired, observed: Observed | None, force: bool) -> Observed:
        known = observed.state if observed else None
        state = self.states.get(desired.uid)
        if known and state and only_answers_are_new(known, state) and not complete(state):
            state = known  # an answer that came during this pass waits for the others, like one between passes (note)
        observed = observed or Observed()
        # A forced pass asks about a standing refusal too: whoever held the slug may have let it go.
        standing = self.refusals.get(key)
        if force and standing is not None and standing.reason != _INVALID:
            standing = None
        standing = observed.refusal or standing
        return replace(observed, state=state, refusal=standing, force=force)

    def plan(self, desired: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(desired, observed, self.context.now())

    def _parse_spec(self, resource: Resource) -> Declared:
        """Parse once for the passes and steps of the last few hundred generations: parsing is most of a step."""
        edition = planning.edition(resource)
        known = self._parsed.pop(edition, None) or planning.parse_spec(resource)
        self._parsed[edition] = known
        if len(self._parsed) > _MOST_PARSED:
            self._parsed.popitem(last=False)
        return known

    def requeue_after(self, key: Key, desired: Desired, observed: Observed) -> float | None:
        super().requeue_after(key, desired, observed)
        if observed.affected:
            return self.refused_seconds  # the next pass asks again
        refused = observed.refusal is not None and observed.refusal.body == desired.body
        if not refused:
            self.refusals.pop(key, None)
            return None
        if observed.refusal is not None and observed.refusal.reason == _INVALID:
            return None  # another generation may be right, or whoever asks for it with mesto.dev/resync
        self.forced.add(key)  # the next pass asks again
        return self.refused_seconds

    def _resync_requested(self, key: Key, resource: Resource, desired: Desired) -> bool:
        requested = super()._resync_requested(key, resource, desired)
        if requested:
            self.refusals.pop(key, None)
        return requested

    async def execute(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        match action:
            case planning.Upsert(body):
                return await self._upsert(key, resource, desired, observed, body)
            case planning.Remove():
                return await self._remove(desired, observed, action)
        raise AssertionError(action)

    async def _upsert(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, body: SpaceUpsert
    ) -> Observed:
        before: SpaceState | None = observed.state
        try:
            result = await (self.resync_client if observed.force else self.upsert_client).upsert(desired.uid, body)
        except ServiceUnavailable as error:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), force=False)
        except RequestRejected as error:
            return self._refused(key, observed, body, error)
        UPSERTS.labels(result.outcome).inc()
        self._release_renamed(self.states.get(desired.uid), result.state)
        self.states.update(result.state)
        self.refusals.pop(key, None)
        log.info("space_told", key=str(key), generation=body.generation, outcome=result.outcome)
        if result.outcome == "adopted":
            self.publish_event(resource, Notice("Normal", "Adopted", f"Took over space {result.state.space_id}."))
        elif result.outcome == "updated" and (
            drifted(desired.declared, before) or self._repaired(before, desired.declared, result.state)
        ):
            self.publish_event(
                resource, Notice("Warning", "DriftCorrected", "The stored space differed from the resource; put right.")
            )
        # With the state: only what the feed has told of, and will come back to, may wait for other answers (observe).
        return replace(observed, state=result.state, refusal=None, force=False)

    @staticmethod
    def _repaired(before: SpaceState | None, declared: Declared, after: SpaceState) -> bool:
        """Return whether a resync of a generation that was stored had to change the row."""
        return planning.stored(declared, before) and before is not None and after.revision > before.revision

    def _refused(self, key: Key, observed: Observed, body: SpaceUpsert, error: RequestRejected) -> Observed:
        if error.slug == _BOOKING_AWAY:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), away=BOOKING_AWAY, force=False)
        if error.status not in (400, 409, 422):
            # 401, 403, 404, 413, 429: our wiring or load, not this resource's fault.
            return replace(observed, unreachable=f"catalog answered {error.status}: {error}", force=False)
        UPSERTS.labels("refused").inc()
        wrong = service_faults(error.errors, RENAMED)
        if error.slug == _WOULD_AFFECT:
            wrong = f"{error} {acceptance_hint(body.generation)}"
        refusal = Refusal(body, _REASONS.get(error.slug, _INVALID), wrong or str(error))
        if refusal.reason == _CONFLICT and self.refusals.get(key) != refusal:
            self.on_missing_suspected()
        self.refusals[key] = refusal
        log.info("space_refused", key=str(key), reason=refusal.reason, message=refusal.message)
        return replace(observed, refusal=refusal, force=False)

    async def _remove(self, desired: Desired, observed: Observed, action: planning.Remove) -> Observed:
        params = {"policy": action.policy, "release_to": action.release_to}
        params |= {"accept_affected": "true"} if action.accepted else {}
        try:
            await self.catalog.call("DELETE", f"/internal/spaces/{desired.uid}", params=params)
        except (ServiceUnavailable, RequestRejected) as error:
            if isinstance(error, RequestRejected) and error.slug == _WOULD_AFFECT:
                return replace(observed, affected=f"{error} {acceptance_hint(desired.generation)}")
            return replace(observed, unreachable=str(error))
        if (state := self.states.get(desired.uid)) is not None:
            self.states.update(state.model_copy(update={"removed": True}))
        return replace(observed, removed=True, unreachable="")
