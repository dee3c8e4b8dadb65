"""Whatever happened to a GeoDataset, its plan converges and rests."""

from __future__ import annotations

import copy
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mesto.operator.kinds.geodataset.plan import (
    Fetch,
    Observed,
)
from support.fakes.dataset_world import Killed, World


class Anything(RuleBasedStateMachine):
    """Anything may happen, a crash after any step too; once the world is well the next pass puts all right."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(edition=st.sampled_from("abc"), broken=st.booleans())
    def source_changes(self, edition: str, broken: bool) -> None:
        self.world.edition, self.world.broken = edition, broken

    @rule(down=st.booleans())
    def geo_goes_or_comes(self, down: bool) -> None:
        self.world.down = down

    @precondition(lambda self: self.world.resource is not None)
    @rule()
    def spec_changes(self) -> None:
        assert self.world.resource is not None
        self.world.resource["metadata"]["generation"] += 1

    @precondition(lambda self: self.world.stored is not None)
    @rule()
    def somebody_edits_rows(self) -> None:
        assert self.world.stored is not None
        self.world.geo["moscow.d"] = self.world.stored.model_copy(update={"intact": False})

    @rule(paused=st.booleans())
    def is_paused(self, paused: bool) -> None:
        if self.world.resource is not None:
            self.world.resource["metadata"]["annotations"] = {"mesto.dev/paused": "true"} if paused else {}

    @rule(steps=st.integers(1, 5), force=st.booleans(), cut=st.sampled_from(["", "read", "told"]))
    def begins_and_crashes(self, steps: int, force: bool, cut: str) -> None:
        observed = Observed(force=force)
        for _ in range(steps):
            if self.world.resource is None:
                return
            self.world.cut = cut
            try:
                action, observed = self.world.step(observed)
            except Killed:
                break
            finally:
                self.world.cut = ""
            if action is None:
                break

    @invariant()
    def converges(self) -> None:
        twin = copy.deepcopy(self.world)
        twin.down = twin.broken = False
        twin.now += timedelta(days=1)  # longer than any pause
        if twin.resource is None:
            return
        twin.resource["metadata"].pop("annotations", None)
        twin.reconcile(force=True)
        assert twin.stored is not None
        assert (twin.stored.owner, twin.stored.generation) == (twin.uid, twin.resource["metadata"]["generation"])
        assert (twin.stored.source, twin.stored.intact) == (twin.edition, True)
        assert twin.condition("Ready") == ("True", "Ready")
        assert twin.condition("Synced") == ("True", "Synced")
        before = twin.writes
        assert twin.reconcile() == [Fetch]
        assert twin.writes == before


TestAnything = Anything.TestCase


TestAnything.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
