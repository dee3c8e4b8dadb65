"""What to do next for one GeoDataset: pure, and the same for create, update, refresh, resync and drift."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Literal, TypeGuard

from mesto.common.http.addresses import BadAddress, written
from mesto.common.sentences import count
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
    moment,
    notices,
    paused,
    stamp,
)
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.geodataset.spec import (
    LOADED,
    RESYNC_LENGTH,
    RUNNING,
    UNTOLD,
    Attempt,
    GeoDatasetSpec,
    GeoDatasetStatus,
)
from mesto.operator.paths import model_faults, unforeseen
from mesto.operator.schema import GROUP
from pydantic import ValidationError

FINALIZER = f"{GROUP}/dataset"
ORDER = ("Ready", "Synced")
INTERRUPTED = "Interrupted"
_INTERRUPTED_SECONDS = 10.0
_MOST_PAUSES = 30
DRIFT = Notice("Warning", "DriftCorrected", "The stored rows differed from what was loaded; loaded anew.")


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource as the API server has it. ``spec`` is None when it breaks our models; ``fault`` says how.

    ``resync`` is the value of ``mesto.dev/resync``, ``before`` the status as it is.
    """

    spec: GeoDatasetSpec | None = None
    fault: str = ""
    resync: str = ""
    before: GeoDatasetStatus = field(default_factory=GeoDatasetStatus)

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
    """Why a generation was not loaded: ``edition`` is of the source, if known, ``count`` of attempts in a row."""

    generation: int
    reason: str
    message: str
    at: datetime
    edition: str = ""
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Observed(controller.Observed):
    """What geo has, and which edition a ConfigMap has now (empty for an address).

    ``attempt`` is what became of the one attempt of this pass, which left out ``skipped`` rows. A first failure stands
    for ``pause`` seconds.
    """

    stored: DatasetState | Unknown | None = Unknown.UNKNOWN
    edition: str = ""
    attempt: Attempt | None = None
    skipped: int | None = None
    pause: float = 120


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
        wrong = schedule.fault(spec.refresh.schedule) if spec.refresh else ""
        fault = f"spec.refresh.schedule: {wrong}." if wrong else ""
        if spec.source.url is not None:
            written(spec.source.url)
    except ValidationError as error:
        fault = model_faults(error)
    except BadAddress as error:
        fault = f"spec.source.url: {error}"
    except Exception as error:
        fault = unforeseen(error)
    common = controller.Desired.common(resource, FINALIZER)
    return Desired(
        **common,
        spec=spec,
        fault=fault,
        resync=controller.annotation(resource, "resync")[:RESYNC_LENGTH],
        before=GeoDatasetStatus.model_validate(common["status"]),
    )


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


def failure(wanted: Desired, observed: Observed) -> Failure | None:
    """Why the last attempt has not loaded its generation, as far as it is over; None when it has, or was not judged.

    One that is told to have begun and is not of this pass did not end: the process did, maybe because of it.
    """
    last = observed.attempt or wanted.before.last_attempt
    if last is None or last.outcome in (LOADED, UNTOLD) or _arrived(wanted, observed, last):
        return None
    reason, message = last.outcome, last.message or ""
    if reason == RUNNING:
        message = f"The reading of the source that began at {last.started_at} did not end: the operator was stopped."
        reason = INTERRUPTED
    at = moment(last.finished_at) or moment(last.started_at) or datetime.min.replace(tzinfo=UTC)
    return Failure(last.generation, reason, message, at, last.edition, last.count)


def _arrived(wanted: Desired, observed: Observed, attempt: Attempt) -> bool:
    """Whether geo has what an attempt was to load, although nobody lived to write that down."""
    stored = observed.stored
    return (
        attempt.outcome == RUNNING
        and isinstance(stored, DatasetState)
        and (stored.owner, stored.generation, stored.source) == (wanted.uid, attempt.generation, attempt.edition)
    )


def begin(wanted: Desired, edition: str, now: datetime) -> Attempt:
    """A new attempt at an edition of the source."""
    last = wanted.before.last_attempt
    in_vain = last is not None and last.generation == wanted.generation and last.outcome not in (LOADED, UNTOLD)
    return Attempt(
        generation=wanted.generation,
        edition=edition,
        started_at=stamp(now),
        count=last.count + 1 if last is not None and in_vain else 1,
        resync=wanted.resync or None,
    )


def asked(wanted: Desired) -> bool:
    """Whether ``mesto.dev/resync`` has a value for which no attempt was made."""
    last = wanted.before.last_attempt
    return bool(wanted.resync) and (last is None or last.resync != wanted.resync)


def due(wanted: Desired, observed: Observed) -> datetime | None:
    """When the source is to be read again, None for never."""
    spec, stored = wanted.spec, observed.stored
    if spec is None or spec.refresh is None or spec.refresh.suspend or not isinstance(stored, DatasetState):
        return None
    wrong = failure(wanted, observed)
    since = max(stored.checked_at, wrong.at) if wrong else stored.checked_at
    return schedule.after(spec.refresh.schedule, spec.refresh.time_zone or "UTC", since)


def retry(wanted: Desired, observed: Observed) -> datetime | None:
    """When what failed is tried again; None when this generation of this edition was not tried in vain.

    The pause doubles with each failure in a row: what is read may be large, and belongs to somebody.
    """
    wrong = failure(wanted, observed)
    if wrong is None or wrong.generation != wanted.generation:
        return None
    if observed.edition and wrong.edition and wrong.edition != observed.edition:
        return None
    pause = min(observed.pause, _INTERRUPTED_SECONDS) if wrong.reason == INTERRUPTED else observed.pause
    return wrong.at + timedelta(seconds=pause * min(2 ** (wrong.count - 1), _MOST_PAUSES))


def plan(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    """The next step, None when there is nothing to do."""
    if wanted.deleting:
        return _deleting(wanted, observed, now)
    if wanted.paused or wanted.spec is None or wanted.fault:
        return _write(wanted, observed, now)
    if not wanted.finalizer:
        return AddFinalizer()
    if observed.unreachable:
        known = is_ready(by_type(wanted.before.conditions), wanted.generation) and observed.attempt is None
        return None if known else _write(wanted, observed, now)
    if observed.stored is Unknown.UNKNOWN:
        return Look()
    if observed.attempt is None and _wanting(wanted, wanted.spec, observed, now):
        return Load()
    return _write(wanted, observed, now)


def _wanting(wanted: Desired, spec: GeoDatasetSpec, observed: Observed, now: datetime) -> bool:
    """Whether the source is to be read now."""
    time = due(wanted, observed)
    if time is not None and time <= now:
        return True
    again = retry(wanted, observed)
    if not current(wanted, observed):
        return again is None or again <= now or asked(wanted)
    if again is not None and cut_off(wanted, observed):
        return again <= now
    return asked(wanted) and spec.source.url is not None  # of a ConfigMap the edition is known without reading


def cut_off(wanted: Desired, observed: Observed) -> bool:
    """Whether the last attempt did not end, so that nobody knows what it would have found."""
    wrong = failure(wanted, observed)
    return wrong is not None and wrong.reason == INTERRUPTED


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
    old, before = wanted.before, by_type(wanted.before.conditions)
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
        time = due(wanted, observed)
        fields["next_refresh_time"] = stamp(time) if time else None
    if observed.attempt is not None:
        fields["last_attempt"] = observed.attempt
        if observed.attempt.outcome == LOADED:
            fields["skipped"] = observed.skipped
    elif (last := wanted.before.last_attempt) is not None and _arrived(wanted, observed, last):
        fields["last_attempt"] = last.model_copy(update={"outcome": LOADED, "finished_at": stamp(now)})
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
        if is_ready(before, generation):
            return []
        message = f"Tried again soon: {observed.unreachable}"
        return [condition(name, False, "GeoUnavailable", message, generation) for name in ORDER]
    wrong, stored = failure(wanted, observed), observed.stored
    if loaded(wanted, stored):
        message = f"{count(stored.features, 'feature is', 'features are')} loaded."
        ready = condition("Ready", True, "Ready", message, generation)
        if wrong is not None:
            stays = f"What was loaded before stays: {wrong.message}"
            return [ready, condition("Synced", False, wrong.reason, stays, generation)]
        return [ready, condition("Synced", True, "Synced", message, generation)]
    reason, message = (wrong.reason, wrong.message) if wrong else ("AwaitingSource", "Not loaded yet.")
    return [condition(name, False, reason, message, generation) for name in ORDER]
