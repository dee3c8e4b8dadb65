"""The one loop of every kind: observe, plan a step, execute it, observe again, until nothing is left to do."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Generic, TypedDict, TypeVar, cast
from uuid import UUID

import structlog
from mesto.common.observability import request_context
from mesto.operator.cache import Key, ResourceCache, key_of
from mesto.operator.cluster import Cluster, Gone
from mesto.operator.conditions import Condition, Conditions, Notice, by_type, condition, is_ready, merge, notices
from mesto.operator.objects import ConditionFields, Resource, Status, conditions_of
from mesto.operator.queue import RetryLater, Terminal, WorkQueue
from mesto.operator.recorder import Recorder
from mesto.operator.schema import GROUP, Kind
from prometheus_client import Counter
from pydantic import ValidationError

log = structlog.get_logger(__name__)
INTERNAL_ERROR = "InternalError"
STATUS_WRITES = Counter("mesto_operator_status_writes_total", "Status patches sent to the API server")
_MOST_STEPS = 12


class Common(TypedDict):
    """The fields of ``Desired``."""

    uid: UUID
    namespace: str
    name: str
    generation: int
    paused: bool
    deleting: bool
    finalizer: bool
    status: Status


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
    status: Status = field(default_factory=Status)

    @staticmethod
    def common(resource: Resource, finalizer: str) -> Common:
        """Return the fields above, out of a resource."""
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
            "status": resource.get("status") or Status(),
        }


def annotation(resource: Resource, name: str) -> str:
    """Return the value of ``mesto.dev/<name>``, empty without it."""
    return str((resource["metadata"].get("annotations") or {}).get(f"{GROUP}/{name}", ""))


def accepts_affected(resource: Resource) -> bool:
    """Return whether ``mesto.dev/accept-affected`` names this generation: what is accepted is never a later change."""
    return annotation(resource, "accept-affected") == str(resource["metadata"]["generation"])


def acceptance_hint(generation: int) -> str:
    """Return the sentence that ends the word about a change that waits for its acceptance."""
    return f'To go on all the same annotate mesto.dev/accept-affected: "{generation}".'


def internal_error() -> tuple[str, str]:
    """Return reason and message of a condition for what nobody has foreseen; the log has it by the request's id."""
    return INTERNAL_ERROR, (
        "The operator failed at this resource and tries again. Whoever runs the platform finds out why by the id "
        f"{request_context.request_id.get() or 'of its log'}."
    )


def _parse_conditions(resource: Resource) -> Conditions:
    """Return the conditions that a status has, as far as they are any."""
    found: Conditions = {}
    for item in conditions_of(resource):
        with contextlib.suppress(ValidationError):
            found |= by_type([Condition.model_validate(item)])
    return found


def _has_reported(known: Condition | None, generation: int) -> bool:
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

    status: Status
    notices: tuple[Notice, ...] = ()


W = TypeVar("W", bound=Desired)
O = TypeVar("O", bound=Observed)  # noqa: E741 - the usual name


@dataclass
class ControllerContext:
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

    def __init__(self, context: ControllerContext) -> None:
        self.context, self.resources = context, context.resources
        self.forced: set[Key] = set()
        self._resyncs: dict[Key, str] = {}

    @abstractmethod
    def parse(self, resource: Resource) -> W:
        """Parse a resource; never raises."""

    @abstractmethod
    def observe(self, key: Key, desired: W, observed: O | None, force: bool) -> O:
        """Return what is known before the next step.

        ``observed`` is what the steps of this pass have found, None at first.
        """

    @abstractmethod
    def plan(self, desired: W, observed: O) -> Any:
        """Return the next step, None when there is nothing to do."""

    @abstractmethod
    async def execute(self, key: Key, resource: Resource, desired: W, observed: O, action: Any) -> O:
        """Take a step that only this kind has."""

    def is_refused(self, key: Key) -> bool:
        """Return whether what was refused is asked for again after a pause."""
        return key in self.forced

    def requeue_after(self, key: Key, desired: W, observed: O) -> float | None:
        """Return the seconds after which to look again, when all is done. Raises RetryLater when something was away."""
        if observed.unreachable:
            raise RetryLater(observed.unreachable)
        return None

    def forget(self, key: Key) -> None:
        """Forget a resource that is gone."""
        self.forced.discard(key)
        self._resyncs.pop(key, None)

    def deleted(self, uid: UUID) -> None:
        """Note that, by the API server, a resource of this uid is gone."""

    async def reconcile(self, key: Key) -> float | None:
        """Bring one resource and the world together; return when to look again, in seconds. Raises RetryLater.

        What nobody has foreseen is raised, too, and the resource says that there is something.
        """
        try:
            return await self._steps(key)
        except (RetryLater, asyncio.CancelledError):
            raise
        except Exception:
            await self._report_internal_error(key)
            raise

    async def _report_internal_error(self, key: Key) -> None:
        """Give the resource conditions of ``InternalError``, once for a generation; what was applied stays Ready."""
        resource = self.resources.get(key)
        if resource is None or not self.context.leading():
            return
        generation, before = resource["metadata"]["generation"], _parse_conditions(resource)
        names = ["Synced"] if is_ready(before, generation) else ["Ready", "Synced"]
        if all(_has_reported(before.get(name), generation) for name in names):
            return
        fresh = [condition(name, False, *internal_error(), generation) for name in names]
        order = list(dict.fromkeys(["Ready", "Synced", *before]))
        conditions = [
            item.model_dump(mode="json", by_alias=True) for item in merge(before, fresh, order, self.context.now())
        ]
        known = resource.get("status") or Status()
        status = known | Status(conditions=cast(list[ConditionFields], conditions))
        try:
            STATUS_WRITES.inc()
            self.resources.update(key.plural, await self.context.cluster.set_status(key.plural, resource, status))
            for notice in notices(known, status, bad=names[:1]):
                self.publish_event(resource, notice)
        except (RetryLater, Gone) as error:  # the attempts that follow try again
            log.warning("error_not_told", key=str(key), error=str(error))

    async def _steps(self, key: Key) -> float | None:
        force, observed = key in self.forced, None
        self.forced.discard(key)
        for _ in range(_MOST_STEPS):
            resource = self.resources.get(key)
            if resource is None:
                self.forget(key)
                return None
            desired = self.parse(resource)
            force = self._resync_requested(key, resource, desired) or force
            observed = self.observe(key, desired, observed, force)
            action = self.plan(desired, observed)
            if action is None:
                return self.requeue_after(key, desired, observed)
            try:
                observed = await self._execute(key, resource, desired, observed, action)
            except Gone:
                self.resources.drop(key.plural, resource)
                continue
            except Terminal as error:
                self.publish_event(
                    resource, Notice("Warning", "Rejected", f"What the operator writes is refused: {error}")
                )
                raise
            force = observed.force
        raise RetryLater("the resource keeps changing")

    def _resync_requested(self, key: Key, resource: Resource, desired: W) -> bool:
        """Return whether ``mesto.dev/resync`` has a value that was not acted on by this process.

        Telling twice is harmless.
        """
        value = annotation(resource, "resync")
        if desired.paused or value == self._resyncs.get(key, ""):
            return False
        self._resyncs[key] = value
        return bool(value)

    async def _execute(self, key: Key, resource: Resource, desired: W, observed: O, action: Any) -> O:
        if not self.context.leading():  # a process that was frozen finds out here, before it writes
            raise RetryLater("another operator holds the Lease")
        match action:
            case AddFinalizer():
                await self._finalizers(key, resource, present=True)
            case RemoveFinalizer(notice):
                self.publish_event(resource, notice)
                await self._finalizers(key, resource, present=False)
            case WriteStatus(status, notices):
                STATUS_WRITES.inc()
                self.resources.update(key.plural, await self.context.cluster.set_status(key.plural, resource, status))
                for notice in notices:
                    self.publish_event(resource, notice)
            case _:
                return await self.execute(key, resource, desired, observed, action)
        return observed

    async def _finalizers(self, key: Key, resource: Resource, *, present: bool) -> None:
        metadata = resource["metadata"]
        others = [name for name in metadata.get("finalizers") or [] if name != self.finalizer]
        finalizers = [*others, self.finalizer] if present else others
        patched = await self.context.cluster.set_finalizers(key.plural, resource, finalizers)
        self.resources.update(key.plural, patched)
        if not present and not others:
            self.resources.drop(key.plural, patched)

    def publish_event(self, resource: Resource, notice: Notice) -> None:
        """Publish a Kubernetes Event soon."""
        fields = (notice.type, notice.reason, notice.message, notice.action)
        event = self.context.cluster.event(resource, self.kind.kind, *fields)
        name = f"{notice.reason} of {key_of(self.kind.plural, resource)}"
        self.context.recorder.record(name, partial(self.context.cluster.publish_event, event))
