"""What to do next for one GeoDataset: pure, and the same for create, update, refresh, resync and drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal, TypeGuard

from mesto.common.addresses import BadAddress, written
from mesto.contracts.datasets import DatasetState
from mesto.operator import controller, schedule
from mesto.operator.conditions import (
    Condition,
    Conditions,
    Notice,
    by_type,
    condition,
    is_ready,
    merge,
    notices,
    paused,
    stamp,
)
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.geodataset.spec import GeoDatasetSpec, GeoDatasetStatus
from mesto.operator.schema import GROUP
from pydantic import ValidationError

FINALIZER = f"{GROUP}/dataset"
ORDER = ("Ready", "Synced")
DRIFT = Notice("Warning", "DriftCorrected", "The stored rows differed from what was loaded; loaded anew.")


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource as the API server has it. ``spec`` is None when it breaks our models; ``fault`` says how."""

    spec: GeoDatasetSpec | None = None
    fault: str = ""

    @property
    def dataset(self) -> str:
        """Its name in geo."""
        return f"{self.namespace}.{self.name}"

    @property
    def policy(self) -> Literal["retain", "delete"]:
        """What becomes of the rows when the resource goes."""
        return "delete" if self.spec is not None and self.spec.deletion_policy == "Delete" else "retain"


class Unknown(Enum):
    """A value of its own: geo was not asked yet."""

    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Failure:
    """The last attempt to load a generation: why it failed, and when, and how many have failed in a row.

    ``edition`` is of the source, as far as known.
    """

    generation: int
    reason: str
    message: str
    at: datetime
    edition: str = ""
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Observed(controller.Observed):
    """What geo has, which edition a ConfigMap has now (empty for an address), and how the last attempt failed."""

    stored: DatasetState | Unknown | None = Unknown.UNKNOWN
    edition: str = ""
    failure: Failure | None = None
    loaded: bool = False  # in this pass: more would only repeat it


@dataclass(frozen=True)
class Look:
    """Ask geo what it has, and the API server which edition a ConfigMap has."""


@dataclass(frozen=True)
class Load:
    """Read the source and give it to geo."""


@dataclass(frozen=True)
class Remove:
    """Tell geo that the resource goes."""

    policy: Literal["retain", "delete"]


Action = AddFinalizer | RemoveFinalizer | WriteStatus | Look | Load | Remove


def desired(resource: dict[str, Any]) -> Desired:
    """Parse a resource; a spec that breaks our models becomes ``fault``."""
    spec, fault = None, ""
    try:
        spec = GeoDatasetSpec.model_validate(resource["spec"])
        fault = schedule.fault(spec.refresh.schedule) if spec.refresh else ""
        if spec.source.url is not None:
            written(spec.source.url)
    except ValidationError as error:
        fault = controller.sentences(error)
    except BadAddress as error:
        fault = f"spec.source.url: {error}"
    return Desired(**controller.Desired.common(resource, FINALIZER), spec=spec, fault=fault)


def loaded(wanted: Desired, stored: DatasetState | Unknown | None) -> TypeGuard[DatasetState]:
    """Whether geo has something that this generation declared, and nobody has touched it."""
    return (
        isinstance(stored, DatasetState)
        and stored.owner == wanted.uid
        and stored.generation == wanted.generation
        and stored.intact is not False
    )


def current(wanted: Desired, observed: Observed) -> bool:
    """Whether that is what its source says now, as far as that is known without reading it."""
    stored = observed.stored
    return loaded(wanted, stored) and (not observed.edition or stored.source == observed.edition)


def due(wanted: Desired, observed: Observed) -> datetime | None:
    """When the source is to be read again, None for never."""
    spec, stored = wanted.spec, observed.stored
    if spec is None or spec.refresh is None or spec.refresh.suspend or not isinstance(stored, DatasetState):
        return None
    since = max(stored.checked_at, observed.failure.at) if observed.failure else stored.checked_at
    return schedule.after(spec.refresh.schedule, spec.refresh.time_zone or "UTC", since)


def failed(wanted: Desired, observed: Observed) -> bool:
    """Whether this generation of this edition was tried in vain."""
    failure = observed.failure
    return (
        failure is not None
        and failure.generation == wanted.generation
        and (not observed.edition or not failure.edition or failure.edition == observed.edition)
    )


def plan(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    """The next step, None when there is nothing to do."""
    if wanted.deleting:
        return _deleting(wanted, observed, now)
    if wanted.paused or wanted.spec is None or wanted.fault:
        return _write(wanted, observed, now)
    if not wanted.finalizer:
        return AddFinalizer()
    if observed.unreachable:
        return None if is_ready(_before(wanted), wanted.generation) else _write(wanted, observed, now)
    if observed.stored is Unknown.UNKNOWN:
        return Look()
    moment = due(wanted, observed)
    overdue = moment is not None and moment <= now
    missing = not current(wanted, observed) and (observed.force or not failed(wanted, observed))
    if (overdue or missing) and not observed.loaded:
        return Load()
    return _write(wanted, observed, now)


def _before(wanted: Desired) -> Conditions:
    return by_type(GeoDatasetStatus.model_validate(wanted.status).conditions)


def _deleting(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    if not wanted.finalizer:
        return None
    if wanted.paused or observed.unreachable:
        return _write(wanted, observed, now)
    if observed.removed:
        kept = wanted.policy == "retain"
        message = "The loaded rows are kept, declared by nobody." if kept else "The loaded rows are removed."
        return RemoveFinalizer(Notice("Normal", "Retained" if kept else "Deleted", message, "Delete"))
    return Remove(wanted.policy)


def _write(wanted: Desired, observed: Observed, now: datetime) -> WriteStatus | None:
    old = GeoDatasetStatus.model_validate(wanted.status)
    before = by_type(old.conditions)
    fields: dict[str, Any] = {"observed_generation": wanted.generation}
    stored = observed.stored
    if isinstance(stored, DatasetState) and stored.owner == wanted.uid:
        fields |= {
            "features": stored.features,
            "repaired": stored.repaired,
            "checksum": stored.checksum,
            "loaded_at": stamp(stored.loaded_at),
        }
    if stored is not Unknown.UNKNOWN:
        moment = due(wanted, observed)
        fields["next_refresh_time"] = stamp(moment) if moment else None
    fresh = _conditions(wanted, observed, before)
    fields["conditions"] = merge(before, fresh, ORDER, now)
    status = old.model_copy(update=fields).model_dump(mode="json", by_alias=True, exclude_none=True)
    return None if status == wanted.status else WriteStatus(status, tuple(notices(wanted.status, status)))


def _conditions(wanted: Desired, observed: Observed, before: Conditions) -> list[Condition]:
    generation = wanted.generation
    if wanted.paused:
        return [paused(before, generation)]
    if wanted.deleting:
        message = f"Cannot tell geo of the deletion: {observed.unreachable}"
        return [condition("Ready", False, "DeletionWaits", message, generation)]
    if wanted.fault:
        return [condition(name, False, "Invalid", wanted.fault, generation) for name in ORDER]
    if observed.unreachable:
        message = f"Tried again soon: {observed.unreachable}"
        return [condition(name, False, "GeoUnavailable", message, generation) for name in ORDER]
    failure, stored = observed.failure, observed.stored
    if loaded(wanted, stored):
        count = f"{stored.features} features are loaded."
        ready = condition("Ready", True, "Ready", count, generation)
        if failure is not None:
            message = f"What was loaded before stays: {failure.message}"
            return [ready, condition("Synced", False, failure.reason, message, generation)]
        return [ready, condition("Synced", True, "Synced", count, generation)]
    reason, message = (failure.reason, failure.message) if failure else ("AwaitingSource", "Not loaded yet.")
    return [condition(name, False, reason, message, generation) for name in ORDER]
