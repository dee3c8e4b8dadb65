"""A world for GeoDatasets in one process: an API server, geo and sources that tests change."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from mesto.contracts.datasets import DatasetState
from mesto.operator.conditions import stamp
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.geodataset.plan import (
    FINALIZER,
    Desired,
    Fetch,
    Load,
    Observed,
    Remove,
    begin,
    parse,
    plan,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


SPEC: dict[str, Any] = {
    "city": "moscow",
    "type": "Districts",
    "format": "GeoJSON",
    "source": {"configMap": {"name": "moscow", "key": "d"}},
}


class Killed(Exception):
    """The operator's process ends here."""


class World:
    """An API server, a ConfigMap and a geo that answer at once; `broken`: the ConfigMap holds no districts."""

    def __init__(self, **spec: Any) -> None:
        self.uid, self.now = uuid4(), NOW
        self.resource: dict[str, Any] | None = {
            "metadata": {
                "uid": str(self.uid),
                "namespace": "moscow",
                "name": "d",
                "generation": 1,
                "resourceVersion": "1",
            },
            "spec": copy.deepcopy(SPEC) | spec,
        }
        self.geo: dict[str, DatasetState] = {}
        self.edition, self.broken, self.down, self.cut = "a", False, False, ""
        self.writes = 0

    @property
    def stored(self) -> DatasetState | None:
        return self.geo.get("moscow.d")

    def step(self, observed: Observed) -> tuple[Any, Observed]:
        """One step; what it was, and what is known then."""
        assert self.resource is not None
        desired = parse(self.resource)
        action = plan(desired, observed, self.now)
        metadata = self.resource["metadata"]
        match action:
            case AddFinalizer():
                metadata["finalizers"] = [FINALIZER]
            case RemoveFinalizer():
                metadata["finalizers"] = []
                if "deletionTimestamp" in metadata:
                    self.resource = None
            case WriteStatus(status, _):
                self.resource["status"] = status
                self.writes += 1
            case Fetch():
                observed = self.fetch(observed)
            case Load():
                observed = self.load(observed, desired)
            case Remove(policy):
                if self.down:
                    return action, replace(observed, unreachable="geo does not answer")
                old = self.stored
                if old is not None and old.owner == self.uid:
                    if policy == "delete":
                        del self.geo["moscow.d"]
                    else:
                        self.geo["moscow.d"] = old.model_copy(update={"owner": None, "generation": None})
                observed = replace(observed, removed=True)
        return action, observed

    def fetch(self, observed: Observed) -> Observed:
        if self.down:
            return replace(observed, unreachable="geo does not answer", force=False)
        return replace(observed, stored=self.stored, edition=self.edition)

    def load(self, observed: Observed, desired: Desired) -> Observed:
        """Notes that it begins, reads, tells geo; ``cut`` says after which of these the process dies."""
        assert self.resource is not None
        attempt = begin(desired, self.edition, self.now)
        begun = attempt.model_dump(mode="json", by_alias=True, exclude_none=True)
        self.resource["status"] = desired.status | {"lastAttempt": begun}
        self.writes += 1
        if self.cut == "read":
            raise Killed
        done = {"finished_at": stamp(self.now)}
        if self.broken:
            done |= {"outcome": "InvalidData", "message": "row 1: it has no name"}
            return replace(observed, attempt=attempt.model_copy(update=done), force=False)
        if self.down:
            done |= {"outcome": "Untold"}
            attempt = attempt.model_copy(update=done)
            return replace(observed, unreachable="geo does not answer", attempt=attempt, force=False)
        uid, generation = desired.uid, desired.generation
        self.geo["moscow.d"] = DatasetState(
            city="moscow",
            type="districts",
            level="district",
            features=3,
            repaired=0,
            checksum=self.edition,
            loaded_at=self.now,
            checked_at=self.now,
            owner=uid,
            generation=generation,
            source=self.edition or "etag",
            intact=True,
        )
        if self.cut == "told":
            raise Killed
        attempt = attempt.model_copy(update=done | {"outcome": "Loaded", "count": 0})
        return replace(self.fetch(replace(observed, force=False)), attempt=attempt, skipped=0)

    def reconcile(self, *, force: bool = False, most: int = 12) -> list[type[Any]]:
        """Steps until there is none; their types."""
        observed, taken = Observed(force=force), []
        while self.resource is not None:
            action, observed = self.step(observed)
            if action is None:
                return taken
            taken.append(type(action))
            assert len(taken) <= most, taken
        return taken

    def resync(self, value: str) -> None:
        assert self.resource is not None
        self.resource["metadata"]["annotations"] = {"mesto.dev/resync": value}

    def attempt(self) -> dict[str, Any]:
        assert self.resource is not None
        found: dict[str, Any] = self.resource["status"]["lastAttempt"]
        return found

    def condition(self, kind: str) -> tuple[str, str]:
        assert self.resource is not None
        found = {condition["type"]: condition for condition in self.resource["status"]["conditions"]}
        return found[kind]["status"], found[kind]["reason"]
