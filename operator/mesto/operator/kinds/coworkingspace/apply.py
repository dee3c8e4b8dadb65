"""Taking the steps that ``plan`` asks for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from uuid import UUID

import structlog
from mesto.common.clients import InternalClient, Refused, Unreachable
from mesto.contracts.spaces import SpaceState, SpaceUpsert
from mesto.operator.cache import Key, Resource, StateCache
from mesto.operator.conditions import Notice
from mesto.operator.controller import Controller, Tools
from mesto.operator.kinds.coworkingspace import plan as planning
from mesto.operator.kinds.coworkingspace.plan import FINALIZER, Declared, Desired, Observed, Refusal, drifted
from mesto.operator.kinds.coworkingspace.spec import KIND
from mesto.operator.kinds.coworkingspace.status import BOOKING_AWAY, WOULD_AFFECT, complete, told_more
from mesto.operator.kinds.coworkingspace.telling import Teller
from mesto.operator.queue import Lane
from prometheus_client import Counter

log = structlog.get_logger(__name__)
UPSERTS = Counter("mesto_operator_upserts_total", "Spaces told to catalog", ["outcome"])
_MOST_PARSED = 512
# How long an answer waits for the others, so that one status tells of all: longer while there is much to do, for
# services that work through thousands of spaces answer each at a time of their own, minutes apart.
_PARTIAL_SECONDS, _LONGEST_PARTIAL_SECONDS, _PARTIAL_PER_SECOND = 5.0, 300.0, 4
_WOULD_AFFECT, _BOOKING_AWAY = "would-affect-bookings", "booking-unavailable"
_REASONS = {
    "slug-conflict": "Conflict",
    "adopt-needed": "AdoptNeeded",
    "stale-generation": "StaleGeneration",
    _WOULD_AFFECT: WOULD_AFFECT,
}


class Spaces(Controller[Desired, Observed]):
    """CoworkingSpaces. ``refused_seconds`` is how long a refusal stands before catalog is asked again."""

    kind = KIND
    finalizer = FINALIZER

    def __init__(self, tools: Tools, catalog: InternalClient, states: StateCache, refused_seconds: float) -> None:
        super().__init__(tools)
        self.catalog, self.states, self.refused_seconds = catalog, states, refused_seconds
        # New work does not wait for the answer to a request full of resyncs.
        self.teller, self.reminder = Teller(catalog), Teller(catalog)
        self.refusals: dict[Key, Refusal] = {}
        self._parsed: OrderedDict[planning.Edition, Declared] = OrderedDict()

    def note(self, state: SpaceState) -> None:
        """A state from catalog's feed; when one goes, whoever was refused for its sake may try again."""
        key = Key(KIND.plural, state.namespace, state.name)
        known = key in self.resources
        if state.removed:
            for refused in list(self.refusals):
                self.forced.add(refused)
                self.tools.queue.add(refused)
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

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.refusals.pop(key, None)

    def deleted(self, uid: UUID) -> None:
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
        standing = observed.refusal or (None if force else self.refusals.get(key))
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
        self.forced.add(key)  # the next pass asks again
        return self.refused_seconds

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

    def _refused(self, key: Key, observed: Observed, body: SpaceUpsert, error: Refused) -> Observed:
        if error.slug == _BOOKING_AWAY:
            UPSERTS.labels("unreachable").inc()
            return replace(observed, unreachable=str(error), away=BOOKING_AWAY, force=False)
        if error.status not in (400, 409, 422):
            # 401, 403, 404, 413, 429: our wiring or load, not this resource's fault.
            return replace(observed, unreachable=f"catalog answered {error.status}: {error}", force=False)
        UPSERTS.labels("refused").inc()
        wrong = "; ".join(f"{one.get('field')}: {one.get('message')}" for one in error.body.get("errors") or [])
        if error.slug == _WOULD_AFFECT:
            wrong = f"{error} {planning.how_to_accept(body.generation)}"
        refusal = Refusal(body, _REASONS.get(error.slug, "Invalid"), wrong or str(error))
        self.refusals[key] = refusal
        log.info("space_refused", key=str(key), reason=refusal.reason, message=refusal.message)
        return replace(observed, refusal=refusal, force=False)

    async def _remove(self, wanted: Desired, observed: Observed, action: planning.Remove) -> Observed:
        params = {"policy": action.policy} | ({"accept_affected": "true"} if action.accepted else {})
        try:
            await self.catalog.call("DELETE", f"/internal/spaces/{wanted.uid}", params=params)
        except (Unreachable, Refused) as error:
            if isinstance(error, Refused) and error.slug == _WOULD_AFFECT:
                return replace(observed, affected=f"{error} {planning.how_to_accept(wanted.generation)}")
            return replace(observed, unreachable=str(error))
        return replace(observed, removed=True, unreachable="")
