"""What to do next for one CoworkingSpace: pure, and the same for create, update, resume, resync and drift.

``plan`` gives the next step only; the caller takes it, notes what came of it in Observed and asks again until there is
none. A crash between two steps is therefore the same as never having begun the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from mesto.contracts.spaces import SpaceState, SpaceUpsert, fingerprint
from mesto.operator.kinds.coworkingspace import status
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec, upsert
from mesto.operator.kinds.coworkingspace.status import Notice, Progress
from pydantic import ValidationError

PREFIX = "mesto.dev"
FINALIZER = f"{PREFIX}/space"


@dataclass(frozen=True)
class Desired:
    """The resource as the API server has it. ``body`` is None when the spec breaks our models; ``fault`` says how."""

    uid: UUID
    namespace: str
    name: str
    generation: int
    paused: bool = False
    deleting: bool = False
    finalizer: bool = False
    policy: Literal["retain", "delete"] = "retain"
    body: SpaceUpsert | None = None
    fault: str = ""
    status: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Catalog's no to a body; it stands until the body changes or it is time to ask again."""

    body: SpaceUpsert
    reason: str
    message: str


@dataclass(frozen=True)
class Observed:
    """What is known of the world. ``force`` asks for an upsert though nothing seems to differ (resync)."""

    state: SpaceState | None = None
    refusal: Refusal | None = None
    unreachable: str = ""
    removed: bool = False
    force: bool = False


@dataclass(frozen=True)
class AddFinalizer:
    """Put our finalizer on the resource."""


@dataclass(frozen=True)
class Upsert:
    """Tell catalog this generation."""

    body: SpaceUpsert


@dataclass(frozen=True)
class Remove:
    """Tell catalog that the resource goes."""

    policy: Literal["retain", "delete"]


@dataclass(frozen=True)
class RemoveFinalizer:
    """Let the resource go; ``notice`` says what became of its space."""

    notice: Notice


@dataclass(frozen=True)
class WriteStatus:
    """Replace the status, then tell of transitions."""

    status: dict[str, Any]
    notices: tuple[Notice, ...] = ()


Action = AddFinalizer | Upsert | Remove | RemoveFinalizer | WriteStatus


def desired(resource: dict[str, Any]) -> Desired:
    """Parse a resource; a spec that breaks our models becomes ``fault``, never an exception."""
    metadata = resource["metadata"]
    annotations = metadata.get("annotations") or {}
    known = Desired(
        uid=UUID(metadata["uid"]),
        namespace=metadata["namespace"],
        name=metadata["name"],
        generation=metadata["generation"],
        paused=annotations.get(f"{PREFIX}/paused") == "true",
        deleting="deletionTimestamp" in metadata,
        finalizer=FINALIZER in (metadata.get("finalizers") or []),
        policy="delete" if resource["spec"].get("deletionPolicy") == "Delete" else "retain",
        status=resource.get("status") or {},
    )
    try:
        adopt = annotations.get(f"{PREFIX}/adopt")
        body = upsert(
            CoworkingSpaceSpec.model_validate(resource["spec"]),
            namespace=known.namespace,
            name=known.name,
            generation=known.generation,
            adopt=UUID(adopt) if adopt else None,
        )
    except ValidationError as error:
        return replace(known, fault="; ".join(_sentence(item) for item in error.errors()[:5]))
    except ValueError as error:
        return replace(known, fault=str(error))
    return replace(known, body=body)


def _sentence(item: Any) -> str:
    return f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"


def stored(body: SpaceUpsert, state: SpaceState | None) -> bool:
    """Whether catalog holds just this body."""
    return (
        state is not None
        and not state.removed
        and state.generation == body.generation
        and state.slug == body.slug
        and state.fingerprint == fingerprint(body.slug, body.spec.model_dump(mode="json"))
    )


def drifted(body: SpaceUpsert, state: SpaceState | None) -> bool:
    """Whether catalog says it has this generation, but the row is not what was declared: somebody changed it."""
    return state is not None and not state.removed and state.generation == body.generation and not stored(body, state)


def plan(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    """The next step, None when there is nothing to do."""
    if wanted.deleting:
        return _deleting(wanted, observed, now)
    if wanted.paused:
        return _write(wanted, observed, Progress.PAUSED, now)
    if wanted.body is None:
        return _write(wanted, observed, Progress.INVALID, now)
    if not wanted.finalizer:
        return AddFinalizer()
    refused = observed.refusal is not None and observed.refusal.body == wanted.body
    if observed.force or not stored(wanted.body, observed.state):
        if not refused and not observed.unreachable:
            return Upsert(wanted.body)
        if refused:
            return _write(wanted, observed, Progress.REFUSED, now)
        if not stored(wanted.body, observed.state):
            return _write(wanted, observed, Progress.UNREACHABLE, now)
    return _write(wanted, observed, Progress.STORED, now)


def _deleting(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    if not wanted.finalizer:
        return None
    if wanted.paused:
        return _write(wanted, observed, Progress.PAUSED, now)
    if observed.removed:
        return RemoveFinalizer(status.gone(wanted.policy))
    if observed.unreachable:
        return _write(wanted, observed, Progress.WAITING_TO_GO, now)
    return Remove(wanted.policy)


def _write(wanted: Desired, observed: Observed, progress: Progress, now: datetime) -> WriteStatus | None:
    refusal = observed.refusal
    told = status.Told(
        generation=wanted.generation,
        state=observed.state if progress is Progress.STORED else None,
        reason=refusal.reason if refusal and progress is Progress.REFUSED else "",
        message={
            Progress.REFUSED: refusal.message if refusal else "",
            Progress.INVALID: wanted.fault,
        }.get(progress, observed.unreachable),
    )
    fresh = status.build(wanted.status, progress, told, now)
    if fresh == wanted.status:
        return None
    return WriteStatus(fresh, tuple(status.notices(wanted.status, fresh)))
