"""Objects of the API server as this code reads them: the fields that it looks at, by their names there.

What people wrote into a spec stays ``object`` until a model of its kind has checked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

from pydantic import BaseModel

JsonObject = dict[str, object]
"""An object of JSON that is handed on and not looked into."""


class Metadata(TypedDict):
    """Who a resource is."""

    uid: str
    namespace: str
    name: str
    generation: int
    resourceVersion: str
    creationTimestamp: NotRequired[str]
    deletionTimestamp: NotRequired[str]
    labels: NotRequired[dict[str, str] | None]
    annotations: NotRequired[dict[str, str] | None]
    finalizers: NotRequired[list[str] | None]


class ConditionFields(TypedDict, total=False):
    """A condition as a status has it."""

    type: str
    status: str
    reason: str
    message: str
    observedGeneration: int


class ServiceFields(TypedDict, total=False):
    """What a status says of a service."""

    name: str
    appliedGeneration: int
    message: str


class RunFields(TypedDict, total=False):
    """What a status says of a run of a spider."""

    id: str
    startedAt: str
    outcome: str
    items: int | None
    message: str


class Status(TypedDict, total=False):
    """The fields of all kinds' statuses that are read besides their models."""

    observedGeneration: int
    conditions: list[ConditionFields] | None
    services: list[ServiceFields] | None
    lastRun: RunFields | None
    lastAttempt: JsonObject
    ranFor: str
    url: str
    slug: str


class Resource(TypedDict):
    """A custom resource. ``spec`` is as people wrote it."""

    kind: NotRequired[str]
    metadata: Metadata
    spec: NotRequired[JsonObject]
    status: NotRequired[Status | None]


class ResourceList(TypedDict):
    """A page of resources; the server says null for none."""

    metadata: dict[str, str]
    items: list[Resource] | None


class WatchEvent(TypedDict):
    """What a watch brings; ``type`` is None for what was there at its beginning."""

    type: str | None
    object: Resource


class LeaseSpec(TypedDict, total=False):
    """Who holds a Lease, and since when."""

    holderIdentity: str | None
    leaseDurationSeconds: int
    renewTime: str
    acquireTime: str
    leaseTransitions: int


class LeaseMetadata(TypedDict):
    """Which Lease it is; one that is not stored yet has no version."""

    namespace: str
    name: str
    resourceVersion: NotRequired[str]


class LeaseObject(TypedDict):
    """A Lease."""

    metadata: LeaseMetadata
    spec: NotRequired[LeaseSpec | None]


class EventRegarding(TypedDict):
    """Which resource a Kubernetes Event is about."""

    apiVersion: str
    kind: str
    namespace: str
    name: str
    uid: str


class EventMetadata(TypedDict):
    """Who a Kubernetes Event is."""

    name: str
    namespace: str


class EventObject(TypedDict):
    """A Kubernetes Event to be."""

    metadata: EventMetadata
    eventTime: str
    reportingController: str
    reportingInstance: str
    type: str
    reason: str
    action: str
    note: str
    regarding: EventRegarding


class ConfigMap(TypedDict, total=False):
    """A ConfigMap's contents: texts, and bytes in base64."""

    data: Mapping[str, str] | None
    binaryData: Mapping[str, str] | None


def conditions_of(resource: Resource) -> list[ConditionFields]:
    """Return the conditions of a resource's status, empty before the first one."""
    return (resource.get("status") or Status()).get("conditions") or []


def dump_status(status: BaseModel) -> Status:
    """Return a status as the API server has it, without what is not set."""
    return cast(Status, status.model_dump(mode="json", by_alias=True, exclude_none=True))
