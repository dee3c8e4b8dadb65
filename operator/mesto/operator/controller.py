"""The one loop of every kind: look, plan a step, take it, look again, until nothing is left to do."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import structlog
from mesto.common.observability import telemetry
from mesto.operator.cache import Key, Resource, ResourceCache, key_of
from mesto.operator.cluster import Cluster, Gone
from mesto.operator.conditions import Condition, Conditions, Notice, by_type, condition, is_ready, merge, notices
from mesto.operator.queue import Later, Rejected, WorkQueue
from mesto.operator.recorder import Recorder
from mesto.operator.schema import GROUP, Kind
from prometheus_client import Counter
from pydantic import ValidationError

log = structlog.get_logger(__name__)
INTERNAL_ERROR = "InternalError"
STATUS_WRITES = Counter("mesto_operator_status_writes_total", "Status patches sent to the API server")
_MOST_STEPS = 12


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What every resource has besides its spec, as the API server has it. ``finalizer`` is whether ours is there."""

    uid: UUID
    namespace: str
    name: str
    generation: int
    paused: bool = False
    deleting: bool = False
    finalizer: bool = False
    status: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def common(resource: Resource, finalizer: str) -> dict[str, Any]:
        """The fields above, out of a resource."""
        metadata = resource["metadata"]
        return {
            "uid": UUID(metadata["uid"]),
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "generation": metadata["generation"],
            # "yes" was meant, too: leaving a resource alone harms nobody, going on although somebody asked not to may.
            "paused": annotation(resource, "paused") not in ("", "false"),
            "deleting": "deletionTimestamp" in metadata,
            "finalizer": finalizer in (metadata.get("finalizers") or []),
            "status": resource.get("status") or {},
        }


def annotation(resource: Resource, name: str) -> str:
    """The value of ``mesto.dev/<name>``, empty without it."""
    return str((resource["metadata"].get("annotations") or {}).get(f"{GROUP}/{name}", ""))


def accepts_affected(resource: Resource) -> bool:
    """Whether ``mesto.dev/accept-affected`` names this generation: what is accepted is never a later change."""
    return annotation(resource, "accept-affected") == str(resource["metadata"]["generation"])


def how_to_accept(generation: int) -> str:
    """The sentence that ends the word about a change that waits for its acceptance."""
    return f'To go on all the same annotate mesto.dev/accept-affected: "{generation}".'


def internal_error() -> tuple[str, str]:
    """Reason and message of a condition for what nobody has foreseen; the log has all of it under the request's id."""
    return INTERNAL_ERROR, (
        "The operator failed at this resource and tries again. Whoever runs the platform finds out why by the id "
        f"{telemetry.request_id.get() or 'of its log'}."
    )


def _readable(resource: Resource) -> Conditions:
    """The conditions that a status has, as far as they are any."""
    found: Conditions = {}
    for one in (resource.get("status") or {}).get("conditions") or []:
        with contextlib.suppress(ValidationError):
            found |= by_type([Condition.model_validate(one)])
    return found


def _told_of_error(known: Condition | None, generation: int) -> bool:
    return known is not None and (known.reason, known.observed_generation) == (INTERNAL_ERROR, generation)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What is known of the world. ``force``: tell the services though nothing seems to differ (resync).

    ``unreachable`` says what is away, ``removed`` that what the resource has made is gone or given up.
    """

    unreachable: str = ""
    removed: bool = False
    force: bool = False


@dataclass(frozen=True)
class AddFinalizer:
    """Put our finalizer on the resource."""


@dataclass(frozen=True)
class RemoveFinalizer:
    """Let the resource go; ``notice`` says what became of what it has made."""

    notice: Notice


@dataclass(frozen=True)
class WriteStatus:
    """Replace the status, then tell of transitions."""

    status: dict[str, Any]
    notices: tuple[Notice, ...] = ()


W = TypeVar("W", bound=Desired)
O = TypeVar("O", bound=Observed)  # noqa: E741 - the usual name


@dataclass
class Tools:
    """What all kinds share."""

    cluster: Cluster
    resources: ResourceCache
    recorder: Recorder
    queue: WorkQueue[Key]
    leading: Callable[[], bool] = lambda: True
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Controller(ABC, Generic[W, O]):
    """One kind. What it knows between passes it can lose: the next pass finds it out again."""

    kind: ClassVar[Kind]
    finalizer: ClassVar[str]

    def __init__(self, tools: Tools) -> None:
        self.tools, self.resources = tools, tools.resources
        self.forced: set[Key] = set()
        self._resyncs: dict[Key, str] = {}

    @abstractmethod
    def desired(self, resource: Resource) -> W:
        """Parse a resource; never raises."""

    @abstractmethod
    def observe(self, key: Key, wanted: W, observed: O | None, force: bool) -> O:
        """What is known before the next step; ``observed`` is what the steps of this pass have found, None at first."""

    @abstractmethod
    def plan(self, wanted: W, observed: O) -> Any:
        """The next step, None when there is nothing to do."""

    @abstractmethod
    async def take(self, key: Key, resource: Resource, wanted: W, observed: O, action: Any) -> O:
        """Take a step that only this kind has."""

    def waits(self, key: Key) -> bool:
        """Whether what was refused is asked for again after a pause."""
        return key in self.forced

    def later(self, key: Key, wanted: W, observed: O) -> float | None:
        """Seconds after which to look again, when all is done. Raises Later when something was away."""
        if observed.unreachable:
            raise Later(observed.unreachable)
        return None

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self.forced.discard(key)
        self._resyncs.pop(key, None)

    def deleted(self, uid: UUID) -> None:
        """The API server says that a resource of this uid is gone."""

    async def reconcile(self, key: Key) -> float | None:
        """Bring one resource and the world together; seconds to look again. Raises Later when something is away.

        What nobody has foreseen is raised, too, and the resource says that there is something.
        """
        try:
            return await self._steps(key)
        except (Later, asyncio.CancelledError):
            raise
        except Exception:
            await self._tell_of_error(key)
            raise

    async def _tell_of_error(self, key: Key) -> None:
        """Give the resource conditions of ``InternalError``, once for a generation; what was applied stays Ready."""
        resource = self.resources.get(key)
        if resource is None or not self.tools.leading():
            return
        generation, before = resource["metadata"]["generation"], _readable(resource)
        names = ["Synced"] if is_ready(before, generation) else ["Ready", "Synced"]
        if all(_told_of_error(before.get(name), generation) for name in names):
            return
        fresh = [condition(name, False, *internal_error(), generation) for name in names]
        order = list(dict.fromkeys(["Ready", "Synced", *before]))
        conditions = [
            one.model_dump(mode="json", by_alias=True) for one in merge(before, fresh, order, self.tools.now())
        ]
        status = (resource.get("status") or {}) | {"conditions": conditions}
        try:
            STATUS_WRITES.inc()
            self.resources.put(key.plural, await self.tools.cluster.set_status(key.plural, resource, status))
            for notice in notices(resource.get("status") or {}, status, bad=names[:1]):
                self.tell(resource, notice)
        except (Later, Gone) as error:  # the attempts that follow try again
            log.warning("error_not_told", key=str(key), error=str(error))

    async def _steps(self, key: Key) -> float | None:
        force, observed = key in self.forced, None
        self.forced.discard(key)
        for _ in range(_MOST_STEPS):
            resource = self.resources.get(key)
            if resource is None:
                self.forget(key)
                return None
            wanted = self.desired(resource)
            force = self._asked(key, resource, wanted) or force
            observed = self.observe(key, wanted, observed, force)
            action = self.plan(wanted, observed)
            if action is None:
                return self.later(key, wanted, observed)
            try:
                observed = await self._take(key, resource, wanted, observed, action)
            except Gone:
                self.resources.drop(key.plural, resource)
                continue
            except Rejected as error:
                self.tell(resource, Notice("Warning", "Rejected", f"What the operator writes is refused: {error}"))
                raise
            force = observed.force
        raise Later("the resource keeps changing")

    def _asked(self, key: Key, resource: Resource, wanted: W) -> bool:
        """Whether ``mesto.dev/resync`` has a value that was not acted on by this process; telling twice is harmless."""
        value = annotation(resource, "resync")
        if wanted.paused or value == self._resyncs.get(key, ""):
            return False
        self._resyncs[key] = value
        return bool(value)

    async def _take(self, key: Key, resource: Resource, wanted: W, observed: O, action: Any) -> O:
        if not self.tools.leading():  # a process that was frozen finds out here, before it writes
            raise Later("another operator holds the Lease")
        match action:
            case AddFinalizer():
                await self._finalizers(key, resource, present=True)
            case RemoveFinalizer(notice):
                self.tell(resource, notice)
                await self._finalizers(key, resource, present=False)
            case WriteStatus(status, notices):
                STATUS_WRITES.inc()
                self.resources.put(key.plural, await self.tools.cluster.set_status(key.plural, resource, status))
                for notice in notices:
                    self.tell(resource, notice)
            case _:
                return await self.take(key, resource, wanted, observed, action)
        return observed

    async def _finalizers(self, key: Key, resource: Resource, *, present: bool) -> None:
        metadata = resource["metadata"]
        others = [name for name in metadata.get("finalizers") or [] if name != self.finalizer]
        wanted = [*others, self.finalizer] if present else others
        patched = await self.tools.cluster.set_finalizers(key.plural, resource, wanted)
        self.resources.put(key.plural, patched)
        if not present and not others:
            self.resources.drop(key.plural, patched)

    def tell(self, resource: Resource, notice: Notice) -> None:
        """Publish a Kubernetes Event soon."""
        told = (notice.type, notice.reason, notice.message, notice.action)
        event = self.tools.cluster.event(resource, self.kind.kind, *told)
        name = f"{notice.reason} of {key_of(self.kind.plural, resource)}"
        self.tools.recorder.note(name, partial(self.tools.cluster.tell, event))
