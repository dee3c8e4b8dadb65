"""What to do next for one GeoDataset: pure, and the same for create, update, refresh, resync and drift."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal

from mesto.common.http.addresses import BadAddress, parse_address
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
from mesto.operator.objects import Resource, dump_status
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
class Fetch:
    """Ask geo what it has, and the API server which edition a ConfigMap has."""


@dataclass(frozen=True)
class Load:
    """Read the source and give it to geo."""


@dataclass(frozen=True)
class Remove:
    """Tell geo that the resource goes."""

    policy: Literal["retain", "delete"]


Action = AddFinalizer | RemoveFinalizer | WriteStatus | Fetch | Load | Remove


def parse(resource: Resource) -> Desired:
    """Parse a resource; a spec that breaks our models becomes ``fault``."""
    spec, fault = None, ""
    try:
        spec = GeoDatasetSpec.model_validate(resource["spec"])
        wrong = schedule.fault(spec.refresh.schedule) if spec.refresh else ""
        fault = f"spec.refresh.schedule: {wrong}." if wrong else ""
        if spec.source.url is not None:
            parse_address(spec.source.url)
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


def loaded(desired: Desired, stored: DatasetState | Unknown | None) -> bool:
    """Return whether geo has something that this generation declared, and nobody has touched it."""
    return (
        isinstance(stored, DatasetState)
        and stored.owner == desired.uid
        and stored.generation == desired.generation
        and stored.intact is not False
    )


def current(desired: Desired, observed: Observed) -> bool:
    """Return whether that is what its source says now, as far as that is known without reading it."""
    stored = observed.stored
    if not isinstance(stored, DatasetState) or not loaded(desired, stored):
        return False
    return not observed.edition or stored.source == observed.edition


def failure(desired: Desired, observed: Observed) -> Failure | None:
    """Return why the last attempt has not loaded its generation, as far as it is over.

    None when it has, or was not judged.

    One that is told to have begun and is not of this pass did not end: the process did, maybe because of it.
    """
    last = observed.attempt or desired.before.last_attempt
    if last is None or last.outcome in (LOADED, UNTOLD) or _was_loaded(desired, observed, last):
        return None
    reason, message = last.outcome, last.message or ""
    if reason == RUNNING:
        message = f"The reading of the source that began at {last.started_at} did not end: the operator was stopped."
        reason = INTERRUPTED
    at = moment(last.finished_at) or moment(last.started_at) or datetime.min.replace(tzinfo=UTC)
    return Failure(last.generation, reason, message, at, last.edition, last.count)


def _was_loaded(desired: Desired, observed: Observed, attempt: Attempt) -> bool:
    """Return whether geo has what an attempt was to load, although nobody lived to write that down."""
    stored = observed.stored
    return (
        attempt.outcome == RUNNING
        and isinstance(stored, DatasetState)
        and (stored.owner, stored.generation, stored.source) == (desired.uid, attempt.generation, attempt.edition)
    )


def begin(desired: Desired, edition: str, now: datetime) -> Attempt:
    """Return a new attempt at an edition of the source."""
    last = desired.before.last_attempt
    in_vain = last is not None and last.generation == desired.generation and last.outcome not in (LOADED, UNTOLD)
    return Attempt(
        generation=desired.generation,
        edition=edition,
        started_at=stamp(now),
        count=last.count + 1 if last is not None and in_vain else 1,
        resync=desired.resync or None,
    )


def resync_requested(desired: Desired) -> bool:
    """Return whether ``mesto.dev/resync`` has a value for which no attempt was made."""
    last = desired.before.last_attempt
    return bool(desired.resync) and (last is None or last.resync != desired.resync)


def due(desired: Desired, observed: Observed) -> datetime | None:
    """Return when the source is to be read again, None for never."""
    spec, stored = desired.spec, observed.stored
    if spec is None or spec.refresh is None or spec.refresh.suspend or not isinstance(stored, DatasetState):
        return None
    wrong = failure(desired, observed)
    since = max(stored.checked_at, wrong.at) if wrong else stored.checked_at
    return schedule.after(spec.refresh.schedule, spec.refresh.time_zone or "UTC", since)


def retry(desired: Desired, observed: Observed) -> datetime | None:
    """Return when what failed is tried again; None when this generation of this edition was not tried in vain.

    The pause doubles with each failure in a row: what is read may be large, and belongs to somebody.
    """
    wrong = failure(desired, observed)
    if wrong is None or wrong.generation != desired.generation:
        return None
    if observed.edition and wrong.edition and wrong.edition != observed.edition:
        return None
    pause = min(observed.pause, _INTERRUPTED_SECONDS) if wrong.reason == INTERRUPTED else observed.pause
    return wrong.at + timedelta(seconds=pause * min(2 ** (wrong.count - 1), _MOST_PAUSES))


def plan(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    """Return the next step, None when there is nothing to do."""
    if desired.deleting:
        return _plan_deletion(desired, observed, now)
    if desired.paused or desired.spec is None or desired.fault:
        return _write_status(desired, observed, now)
    if not desired.finalizer:
        return AddFinalizer()
    if observed.unreachable:
        known = is_ready(by_type(desired.before.conditions), desired.generation) and observed.attempt is None
        return None if known else _write_status(desired, observed, now)
    if observed.stored is Unknown.UNKNOWN:
        return Fetch()
    if observed.attempt is None and _is_load_due(desired, desired.spec, observed, now):
        return Load()
    return _write_status(desired, observed, now)


def _is_load_due(desired: Desired, spec: GeoDatasetSpec, observed: Observed, now: datetime) -> bool:
    """Return whether the source is to be read now."""
    time = due(desired, observed)
    if time is not None and time <= now:
        return True
    again = retry(desired, observed)
    if not current(desired, observed):
        return again is None or again <= now or resync_requested(desired)
    if again is not None and was_interrupted(desired, observed):
        return again <= now
    return (
        resync_requested(desired) and spec.source.url is not None
    )  # of a ConfigMap the edition is known without reading


def was_interrupted(desired: Desired, observed: Observed) -> bool:
    """Return whether the last attempt did not end, so that nobody knows what it would have found."""
    wrong = failure(desired, observed)
    return wrong is not None and wrong.reason == INTERRUPTED


def _plan_deletion(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    if not desired.finalizer:
        return None
    if desired.paused or observed.unreachable:
        return _write_status(desired, observed, now)
    if observed.removed:
        kept = desired.policy == "retain"
        message = "The loaded rows are kept, declared by nobody." if kept else "The loaded rows are removed."
        return RemoveFinalizer(Notice("Normal", "Retained" if kept else "Deleted", message, "Delete"))
    return Remove(desired.policy)


def _write_status(desired: Desired, observed: Observed, now: datetime) -> WriteStatus | None:
    old, before = desired.before, by_type(desired.before.conditions)
    fields: dict[str, object] = {"observed_generation": desired.generation}
    stored = observed.stored
    if isinstance(stored, DatasetState) and stored.owner == desired.uid:
        fields |= {
            "features": stored.features,
            "repaired": stored.repaired,
            "checksum": stored.checksum,
            "loaded_at": stamp(stored.loaded_at),
        }
    if stored is not Unknown.UNKNOWN:
        time = due(desired, observed)
        fields["next_refresh_time"] = stamp(time) if time else None
    if observed.attempt is not None:
        fields["last_attempt"] = observed.attempt
        if observed.attempt.outcome == LOADED:
            fields["skipped"] = observed.skipped
    elif (last := desired.before.last_attempt) is not None and _was_loaded(desired, observed, last):
        fields["last_attempt"] = last.model_copy(update={"outcome": LOADED, "finished_at": stamp(now)})
    fresh = _conditions(desired, observed, before)
    fields["conditions"] = merge(before, fresh, ORDER, now)
    status = dump_status(old.model_copy(update=fields))
    return None if status == desired.status else WriteStatus(status, tuple(notices(desired.status, status)))


def _conditions(desired: Desired, observed: Observed, before: Conditions) -> list[Condition]:
    generation = desired.generation
    if desired.paused:
        return [paused(before, generation)]
    if desired.deleting:
        message = f"Cannot tell geo of the deletion: {observed.unreachable}"
        return [condition("Ready", False, "DeletionWaits", message, generation)]
    if desired.fault:
        return [condition(name, False, "Invalid", desired.fault, generation) for name in ORDER]
    if observed.unreachable:
        if is_ready(before, generation):
            return []
        message = f"Tried again soon: {observed.unreachable}"
        return [condition(name, False, "GeoUnavailable", message, generation) for name in ORDER]
    wrong, stored = failure(desired, observed), observed.stored
    if isinstance(stored, DatasetState) and loaded(desired, stored):
        message = f"{count(stored.features, 'feature is', 'features are')} loaded."
        ready = condition("Ready", True, "Ready", message, generation)
        if wrong is not None:
            stays = f"What was loaded before stays: {wrong.message}"
            return [ready, condition("Synced", False, wrong.reason, stays, generation)]
        return [ready, condition("Synced", True, "Synced", message, generation)]
    reason, message = (wrong.reason, wrong.message) if wrong else ("AwaitingSource", "Not loaded yet.")
    return [condition(name, False, reason, message, generation) for name in ORDER]
