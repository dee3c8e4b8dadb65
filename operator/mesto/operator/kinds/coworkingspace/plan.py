"""What to do next for one CoworkingSpace: pure, and the same for create, update, resume, resync and drift.

``plan`` gives the next step only; the caller takes it, notes what came of it in Observed and asks again until there is
none. A crash between two steps is therefore the same as never having begun the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from mesto.contracts.spaces import ResourceName, SpaceState, SpaceUpsert, fingerprint
from mesto.operator import controller
from mesto.operator.conditions import notices
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus, accepts_affected, annotation
from mesto.operator.kinds.coworkingspace import status
from mesto.operator.kinds.coworkingspace.spec import RENAMED, CoworkingSpaceSpec, upsert
from mesto.operator.kinds.coworkingspace.status import NEWS, Progress
from mesto.operator.objects import Resource
from mesto.operator.paths import model_faults, unforeseen
from mesto.operator.schema import GROUP
from pydantic import TypeAdapter, ValidationError

FINALIZER = f"{GROUP}/space"
_ADOPT: TypeAdapter[UUID | None] = TypeAdapter(UUID | None)
_RELEASE_TO: TypeAdapter[str | None] = TypeAdapter(ResourceName | None)


@dataclass(frozen=True)
class Declared:
    """A spec in catalog's words, and the fingerprint of the row that it asks for.

    ``body`` is None when the spec breaks our models; ``fault`` says how.
    """

    body: SpaceUpsert | None = None
    fault: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource as the API server has it."""

    policy: Literal["retain", "delete"] = "retain"
    accepted: bool = False  # this very generation may strand bookings
    release_to: str = ""  # the resource that may take the space once this one is gone
    declared: Declared = field(default_factory=Declared)

    @property
    def body(self) -> SpaceUpsert | None:
        """What catalog is to be told."""
        return self.declared.body


@dataclass(frozen=True)
class Refusal:
    """Catalog's no to a body; it stands until the body changes or it is time to ask again."""

    body: SpaceUpsert
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Observed(controller.Observed):
    """What is known of the space: its state in catalog, and a refusal that stands.

    ``away`` is the reason of a condition for what is unreachable, ``affected`` what a deletion would do to bookings.
    """

    state: SpaceState | None = None
    refusal: Refusal | None = None
    away: str = "CatalogUnavailable"
    affected: str = ""


@dataclass(frozen=True)
class Upsert:
    """Tell catalog this generation."""

    body: SpaceUpsert


@dataclass(frozen=True)
class Remove:
    """Tell catalog that the resource goes; ``accepted``: although it strands bookings.

    ``release_to`` is the resource that may have what is kept, empty for none.
    """

    policy: Literal["retain", "delete"]
    accepted: bool = False
    release_to: str = ""


Action = AddFinalizer | Upsert | Remove | RemoveFinalizer | WriteStatus


def parse(resource: Resource, known: Declared | None = None) -> Desired:
    """Parse a resource; ``known`` is what ``parse_spec`` has made of this generation before."""
    spec = resource.get("spec")
    return Desired(
        **controller.Desired.common(resource, FINALIZER),
        policy="delete" if isinstance(spec, dict) and spec.get("deletionPolicy") == "Delete" else "retain",
        accepted=accepts_affected(resource),
        release_to="" if _annotation_fault("", release_to := annotation(resource, "release-to")) else release_to,
        declared=known or parse_spec(resource),
    )


Edition = tuple[str, int, str, str, bool]


def edition(resource: Resource) -> Edition:
    """Return what is equal for equal results of ``parse_spec``: the spec of a generation never changes."""
    metadata = resource["metadata"]
    adopt, release_to = annotation(resource, "adopt"), annotation(resource, "release-to")
    return metadata["uid"], metadata["generation"], adopt, release_to, accepts_affected(resource)


def parse_spec(resource: Resource) -> Declared:
    """Return what a resource declares; a spec that breaks our models becomes ``fault``, never an exception."""
    metadata = resource["metadata"]
    _, generation, adopt, release_to, accepted = edition(resource)
    if fault := _annotation_fault(adopt, release_to):
        return Declared(fault=fault)
    try:
        body = upsert(
            CoworkingSpaceSpec.model_validate(resource["spec"]),
            namespace=metadata["namespace"],
            name=metadata["name"],
            generation=generation,
            adopt=UUID(adopt) if adopt else None,
            release_to=release_to or None,
            accept_affected=accepted,
        )
    except ValidationError as error:
        return Declared(fault=model_faults(error, RENAMED))
    except ValueError as error:
        return Declared(fault=str(error))
    except Exception as error:
        return Declared(fault=unforeseen(error))
    return Declared(body, fingerprint=fingerprint(body.slug, body.spec.model_dump(mode="json"), body.release_to))


def _annotation_fault(adopt: str, release_to: str) -> str:
    """Return what is wrong with the annotations, empty when nothing is."""
    try:
        _ADOPT.validate_python(adopt or None)
    except ValidationError:
        return f'mesto.dev/adopt: write the id of a space that was left; "{adopt[:100]}" is none.'
    try:
        _RELEASE_TO.validate_python(release_to or None)
    except ValidationError:
        return f'mesto.dev/release-to: write "<namespace>/<name>" of a CoworkingSpace, not "{release_to[:100]}".'
    return ""


def stored(declared: Declared, state: SpaceState | None) -> bool:
    """Return whether catalog holds just this."""
    return (
        state is not None
        and declared.body is not None
        and not state.removed
        and state.generation == declared.body.generation
        and state.slug == declared.body.slug
        and state.fingerprint == declared.fingerprint
    )


def drifted(declared: Declared, state: SpaceState | None) -> bool:
    """Return whether catalog says it has this generation, but the row is not what was declared: somebody changed it."""
    if state is None or declared.body is None or state.removed or state.generation != declared.body.generation:
        return False
    return not stored(declared, state)


def plan(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    """Return the next step, None when there is nothing to do."""
    if desired.deleting:
        return _plan_deletion(desired, observed, now)
    if desired.paused:
        return _write_status(desired, observed, Progress.PAUSED, now)
    if desired.body is None:
        return _write_status(desired, observed, Progress.INVALID, now)
    if not desired.finalizer:
        return AddFinalizer()
    refused = observed.refusal is not None and observed.refusal.body == desired.body
    if observed.force or not stored(desired.declared, observed.state):
        if not refused and not observed.unreachable:
            return Upsert(desired.body)
        if refused:
            return _write_status(desired, observed, Progress.REFUSED, now)
        if not stored(desired.declared, observed.state):
            return _write_status(desired, observed, Progress.UNREACHABLE, now)
    return _write_status(desired, observed, Progress.STORED, now)


def _plan_deletion(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    if not desired.finalizer:
        # Others hold it. What was never told of has no space that could be gone.
        space_removed = observed.removed or (observed.state is not None and observed.state.removed)
        return _write_status(desired, observed, Progress.GONE, now) if space_removed and desired.status else None
    if desired.paused:
        return _write_status(desired, observed, Progress.PAUSED, now)
    if observed.removed:
        return RemoveFinalizer(status.removal_notice(desired.policy))
    if observed.affected:
        return _write_status(desired, observed, Progress.AFFECTS_BOOKINGS, now)
    if observed.unreachable:
        return _write_status(desired, observed, Progress.WAITING_TO_GO, now)
    return Remove(desired.policy, desired.accepted, desired.release_to)


def _write_status(desired: Desired, observed: Observed, progress: Progress, now: datetime) -> WriteStatus | None:
    refusal, last = observed.refusal, status.removal_notice(desired.policy)
    reasons = {Progress.REFUSED: refusal.reason if refusal else "", Progress.GONE: last.reason}
    given = status.StatusInput(
        generation=desired.generation,
        state=observed.state if progress is Progress.STORED else None,
        reason=reasons.get(progress, observed.away),
        message={
            Progress.GONE: f"{last.message} Finalizers of others hold this resource.",
            Progress.AFFECTS_BOOKINGS: observed.affected,
            Progress.REFUSED: refusal.message if refusal else "",
            Progress.INVALID: desired.declared.fault,
        }.get(progress, observed.unreachable),
    )
    fresh = status.build(desired.status, progress, given, now)
    if fresh == desired.status:
        return None
    # That a space is gone was told when its resource was let go.
    events = () if progress is Progress.GONE else tuple(notices(desired.status, fresh, bad=NEWS))
    return WriteStatus(fresh, events)
