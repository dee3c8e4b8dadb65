"""Taking the steps that ``plan`` asks for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.spaces import SpaceState, SpaceUpsert
from mesto.operator.cache import Key, Resource, StateCache
from mesto.operator.conditions import Notice
from mesto.operator.controller import Controller, Tools, how_to_accept
from mesto.operator.kinds.coworkingspace import plan as planning
from mesto.operator.kinds.coworkingspace.plan import FINALIZER, Declared, Desired, Observed, Refusal, drifted
from mesto.operator.kinds.coworkingspace.spec import KIND, RENAMED
from mesto.operator.kinds.coworkingspace.status import BOOKING_AWAY, WOULD_AFFECT, complete, told_more
from mesto.operator.kinds.coworkingspace.upsert_client import Teller
from mesto.operator.paths import service_faults
from mesto.operator.queue import Lane
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

    ``doubtful`` is called when a resource that catalog knows may not be there: one that another's claim stands against,
    one that went without telling us.
    """

    kind = KIND
    finalizer = FINALIZER

    def __init__(self, tools: Tools, catalog: InternalClient, states: StateCache, refused_seconds: float) -> None:
        super().__init__(tools)
        self.catalog, self.states, self.refused_seconds = catalog, states, refused_seconds
        # New work does not wait for the answer to a request full of resyncs.
        self.teller, self.reminder = Teller(catalog), Teller(catalog)
        self.refusals: dict[Key, Refusal] = {}
        self.doubtful: Callable[[], None] = lambda: None
        self._parsed: OrderedDict[planning.Edition, Declared] = OrderedDict()

    def note(self, state: SpaceState) -> None:
        """A state from catalog's feed; when a slug gets free, whoever was refused for its sake may try again."""
        key = Key(KIND.plural, state.namespace, state.name)
        known = key in self.resources
        self._renamed(self.states.get(state.uid), state)
        if state.removed:
            self.freed(state.slug)
            if not known:
                self.states.drop(state.uid)
                return
        if not self.states.put(state) or not known:  # an upsert's answer has told us
            return
        if complete(state):
            self.tools.queue.add(key, Lane.ANSWERS)
        elif not self.tools.queue.is_planned(key):  # the next answer is on its way: one status for both
            queue = self.tools.queue
            seconds = max(_PARTIAL_SECONDS, (len(queue) + queue.planned) / _PARTIAL_PER_SECOND)
            queue.add_later(key, min(_LONGEST_PARTIAL_SECONDS, seconds), Lane.ANSWERS)

    def _renamed(self, before: SpaceState | None, state: SpaceState) -> None:
        if before is not None and before.slug != state.slug:
            self.freed(before.slug)

    def freed(self, slug: str) -> None:
        """A slug is not held as before: who waits for it asks again."""
        for key, refusal in self.refusals.items():
            if refusal.body.slug == slug and refusal.reason in (_CONFLICT, _ADOPT_NEEDED):
                self.tell_anew(key.namespace, key.name)

    def tell_anew(self, namespace: str, name: str) -> None:
        """Tell catalog of a space although nothing seems to differ."""
        key = Key(KIND.plural, namespace, name)
        if key in self.resources:
            self.forced.add(key)
            self.tools.queue.add(key)

    def stored(self) -> dict[UUID, tuple[str, str]]:
        """Namespace and name by uid of resources whose status says that catalog has them."""
        return {
            UUID(resource["metadata"]["uid"]): (resource["metadata"]["namespace"], resource["metadata"]["name"])
            for resource in self.resources.all(KIND.plural)
            if "deletionTimestamp" not in resource["metadata"]
            and any(
                (one["type"], one["status"]) == ("Synced", "True")
                for one in (resource.get("status") or {}).get("conditions") or []
            )
        }

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.refusals.pop(key, None)

    def deleted(self, uid: UUID) -> None:
        state = self.states.get(uid)
        if state is not None and not state.removed:
            self.doubtful()  # it went without us
        self.states.drop(uid)

    def desired(self, resource: Resource) -> Desired:
        return planning.desired(resource, self._declared(resource))

    def observe(self, key: Key, wanted: Desired, observed: Observed | None, force: bool) -> Observed:
        known = observed.state if observed else None
        state = self.states.get(wanted.uid)
        if known and state and told_more(known, state) and not complete(state):
            state = known  # an answer that came during this pass waits for the others, like one between passes (note)
        observed = observed or Observed()
        # A forced pass asks about a standing refusal too: whoever held the slug may have let it go.
        standing = self.refusals.get(key)
        if force and standing is not None and standing.reason != _INVALID:
            standing = None
        standing = observed.refusal or standing
        return replace(observed, state=state, refusal=standing, force=force)

    def plan(self, wanted: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(wanted, observed, self.tools.now())

    def _declared(self, resource: Resource) -> Declared:
        """Parsed once for the passes and steps of the last few hundred generations: parsing is most of a step."""
        edition = planning.edition(resource)
        known = self._parsed.pop(edition, None) or planning.declared(resource)
        self._parsed[edition] = known
        if len(self._parsed) > _MOST_PARSED:
            self._parsed.popitem(last=False)
        return known

    def later(self, key: Key, wanted: Desired, observed: Observed) -> float | None:
        super().later(key, wanted, observed)
        if observed.affected:
            return self.refused_seconds  # the next pass asks again
        refused = observed.refusal is not None and observed.refusal.body == wanted.body
        if not refused:
            self.refusals.pop(key, None)
            return None
        if observed.refusal is not None and observed.refusal.reason == _INVALID:
            return None  # another generation may be right, or whoever asks for it with mesto.dev/resync
        self.forced.add(key)  # the next pass asks again
        return self.refused_seconds

    def _asked(self, key: Key, resource: Resource, wanted: Desired) -> bool:
        asked = super()._asked(key, resource, wanted)
        if asked:
            self.refusals.pop(key, None)
        return asked

    async def take(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        match action:
            case planning.Upsert(body):
                return await self._upsert(key, resource, wanted, observed, body)
            case planning.Remove():
                return await self._remove(wanted, observed, action)
        raise AssertionError(action)

    async def _upsert(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, body: SpaceUpsert
    ) -> Observed:
        before: SpaceState | None = observed.state
        try:
            result = await (self.reminder if observed.force else self.teller).tell(wanted.uid, body)
        except ServiceUnavailable as error:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), force=False)
        except RequestRejected as error:
            return self._refused(key, observed, body, error)
        UPSERTS.labels(result.outcome).inc()
        self._renamed(self.states.get(wanted.uid), result.state)
        self.states.put(result.state)
        self.refusals.pop(key, None)
        log.info("space_told", key=str(key), generation=body.generation, outcome=result.outcome)
        if result.outcome == "adopted":
            self.tell(resource, Notice("Normal", "Adopted", f"Took over space {result.state.space_id}."))
        elif result.outcome == "updated" and (
            drifted(wanted.declared, before) or self._repaired(before, wanted.declared, result.state)
        ):
            self.tell(
                resource, Notice("Warning", "DriftCorrected", "The stored space differed from the resource; put right.")
            )
        # With the state: only what the feed has told of, and will come back to, may wait for other answers (observe).
        return replace(observed, state=result.state, refusal=None, force=False)

    @staticmethod
    def _repaired(before: SpaceState | None, declared: Declared, after: SpaceState) -> bool:
        """Whether a resync of a generation that was stored had to change the row."""
        return planning.stored(declared, before) and before is not None and after.revision > before.revision

    def _refused(self, key: Key, observed: Observed, body: SpaceUpsert, error: RequestRejected) -> Observed:
        if error.slug == _BOOKING_AWAY:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), away=BOOKING_AWAY, force=False)
        if error.status not in (400, 409, 422):
            # 401, 403, 404, 413, 429: our wiring or load, not this resource's fault.
            return replace(observed, unreachable=f"catalog answered {error.status}: {error}", force=False)
        UPSERTS.labels("refused").inc()
        wrong = service_faults(error.body.get("errors") or [], RENAMED)
        if error.slug == _WOULD_AFFECT:
            wrong = f"{error} {how_to_accept(body.generation)}"
        refusal = Refusal(body, _REASONS.get(error.slug, _INVALID), wrong or str(error))
        if refusal.reason == _CONFLICT and self.refusals.get(key) != refusal:
            self.doubtful()
        self.refusals[key] = refusal
        log.info("space_refused", key=str(key), reason=refusal.reason, message=refusal.message)
        return replace(observed, refusal=refusal, force=False)

    async def _remove(self, wanted: Desired, observed: Observed, action: planning.Remove) -> Observed:
        params = {"policy": action.policy, "release_to": action.release_to}
        params |= {"accept_affected": "true"} if action.accepted else {}
        try:
            await self.catalog.call("DELETE", f"/internal/spaces/{wanted.uid}", params=params)
        except (ServiceUnavailable, RequestRejected) as error:
            if isinstance(error, RequestRejected) and error.slug == _WOULD_AFFECT:
                return replace(observed, affected=f"{error} {how_to_accept(wanted.generation)}")
            return replace(observed, unreachable=str(error))
        if (state := self.states.get(wanted.uid)) is not None:
            self.states.put(state.model_copy(update={"removed": True}))
        return replace(observed, removed=True, unreachable="")
