"""Writing to the API server: the few calls the operator makes, foreign errors turned into ours."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import aiohttp
import structlog
from kubernetes.aio import client, config
from kubernetes.aio.client.exceptions import ApiException
from mesto.common.http.addresses import LABEL
from mesto.common.http.network_errors import reason
from mesto.operator.objects import ConfigMap, EventObject, LeaseObject, Metadata, Resource, ResourceList, Status
from mesto.operator.patches import difference
from mesto.operator.queue import RetryLater, Terminal
from mesto.operator.schema import GROUP, VERSION

log = structlog.get_logger(__name__)
_TIMEOUT = 10.0
PING_SECONDS = 3.0
_WATCH_SECONDS = 1
_NAMES_ONLY = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
_LIST_OF_NAMES = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
_LIST_LIMIT = 500
_REFUSALS = (400, 413, 422)
_MERGE = "application/merge-patch+json"


T = TypeVar("T")


class Gone(Exception):
    """The resource does not exist any more."""


class Stale(RetryLater):
    """The resource has changed since we looked: its newest version is on the way, try again."""


class Silent(RetryLater):
    """No answer in time."""


class Expired(RetryLater):
    """The server has forgotten what came after a version (410): begin with a list."""


def _error_message(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or "")["message"])[:300]
    except (ValueError, TypeError, KeyError):
        return str(error.body or error.reason)[:300]


def _retry_after(error: ApiException) -> float:
    """Return for how many seconds the server asks to be left alone, five minutes at most; 0 when it does not say."""
    try:
        return min(300.0, max(0.0, float((error.headers or {}).get("Retry-After", 0))))
    except ValueError:  # a date, which no API server sends
        return 0.0


async def _request(call: Awaitable[T]) -> T:
    """Return the answer.

    Raises Gone, Stale, Terminal, or RetryLater when the API server does not answer or is overloaded.
    """
    try:
        return await call
    except ApiException as error:
        if error.status == 404:
            raise Gone from error
        if error.status == 409:
            raise Stale(f"the API server answered 409: {error.reason}") from error
        if error.status == 410:
            raise Expired(f"the API server answered 410: {error.reason}") from error
        message = f"the API server answered {error.status}: {_error_message(error)}"
        if error.status in _REFUSALS:
            raise Terminal(message) from error
        raise RetryLater(message, _retry_after(error)) from error
    except TimeoutError as error:
        raise Silent(f"the API server does not answer: {reason(error)}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise RetryLater(f"the API server does not answer: {reason(error)}") from error


class Cluster:
    """One connection pool to the API server."""

    def __init__(self, api: client.ApiClient) -> None:
        self._api = api
        self._custom = client.CustomObjectsApi(api)
        self._events = client.EventsV1Api(api)
        self._leases = client.CoordinationV1Api(api)
        self._instance = socket.gethostname()[:128]

    @classmethod
    async def connect(cls) -> Cluster:
        """Connect by KUBECONFIG, else as the pod's service account."""
        configuration = client.Configuration()
        if os.environ.get("KUBECONFIG") or "KUBERNETES_SERVICE_HOST" not in os.environ:
            await config.load_kube_config(client_configuration=configuration)
        else:
            config.load_incluster_config(client_configuration=configuration)
        # A proxy is in the configuration already; without this every call also reads ~/.netrc.
        configuration.client_session_kwargs = {"trust_env": False}
        return cls(client.ApiClient(configuration))

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def ping(self) -> None:
        """Raise RetryLater when the API server does not answer."""
        await _request(client.VersionApi(self._api).get_code(_request_timeout=PING_SECONDS))

    async def newest(self, plural: str, namespace: str) -> int:
        """Return the version that the server is at, by a list of one resource of the kind.

        Raises Gone, or RetryLater.
        """
        found = await _request(self._list(plural, namespace, limit=1, _request_timeout=_TIMEOUT))
        return int(found["metadata"]["resourceVersion"])

    async def after(self, plural: str, namespace: str, version: int) -> int | None:
        """Return the version of the first change of a kind after one, deletions left out.

        None when none comes in a second.

        An empty namespace means all. Raises Expired when the server has forgotten that version, Gone, or RetryLater.
        """
        return cast("int | None", await _request(self._first_after(plural, namespace, version)))

    async def _first_after(self, plural: str, namespace: str, version: int) -> int | None:
        query = {"watch": True, "resource_version": str(version), "timeout_seconds": _WATCH_SECONDS}
        answer = await self._list(plural, namespace, raw=True, _headers=_NAMES_ONLY, _request_timeout=_TIMEOUT, **query)
        async with answer:
            if answer.status != 200:
                raise ApiException(status=answer.status, reason=answer.reason)
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiException(status=event["object"].get("code"), reason=event["object"].get("message"))
                if event["type"] in ("ADDED", "MODIFIED"):
                    return int(event["object"]["metadata"]["resourceVersion"])
        return None

    async def existing(self, plural: str, namespace: str) -> dict[UUID, tuple[str, str]]:
        """Return namespace and name of every resource of a kind there is now, by its uid. An empty namespace means all.

        Read from the API server, page by page: all of them or an error. Raises Expired, Gone, or RetryLater.
        """
        found: dict[UUID, tuple[str, str]] = {}
        after = ""
        while True:
            page = await _request(self._names(plural, namespace, after))
            for item in page["items"] or []:  # it says null for none
                metadata = item["metadata"]
                found[UUID(metadata["uid"])] = metadata["namespace"], metadata["name"]
            after = page["metadata"].get("continue") or ""
            if not after:
                return found

    async def _names(self, plural: str, namespace: str, after: str) -> ResourceList:
        query: dict[str, str | int] = {"limit": _LIST_LIMIT} | ({"_continue": after} if after else {})
        options = {"_headers": _LIST_OF_NAMES, "_request_timeout": _TIMEOUT}
        answer = await self._list(plural, namespace, raw=True, **options, **query)
        async with answer:
            text = await answer.read()
            if answer.status != 200:
                raise ApiException(status=answer.status, reason=answer.reason)
            return cast(ResourceList, json.loads(text))

    async def uid_of(self, plural: str, namespace: str, name: str) -> UUID | None:
        """Return the uid of the resource that has this name now, None when there is none. Raises RetryLater."""
        try:
            found = await _request(
                self._custom.get_namespaced_custom_object(
                    GROUP, VERSION, namespace, plural, name, _request_timeout=_TIMEOUT
                )
            )
        except Gone:
            return None
        return UUID(cast(Resource, found)["metadata"]["uid"])

    def _list(self, plural: str, namespace: str, *, raw: bool = False, **options: Any) -> Awaitable[Any]:
        name = f"list_{'namespaced' if namespace else 'cluster'}_custom_object"
        call = getattr(self._custom, name + ("_without_preload_content" if raw else ""))
        place = (GROUP, VERSION, namespace, plural) if namespace else (GROUP, VERSION, plural)
        return cast("Awaitable[Any]", call(*place, **options))

    async def config_map(self, namespace: str, name: str) -> ConfigMap:
        """Return a ConfigMap. Raises Gone, or RetryLater."""
        path = "/api/v1/namespaces/{namespace}/configmaps/{name}"
        return cast(ConfigMap, await self._get(path, {"namespace": namespace, "name": name}))

    async def allows_private(self, namespace: str) -> bool:
        """Return whether the label of a namespace lets its resources name private addresses.

        Raises Gone, or RetryLater.
        """
        found = cast(Resource, await self._get("/api/v1/namespaces/{namespace}", {"namespace": namespace}))
        return (found["metadata"].get("labels") or {}).get(LABEL) == "true"

    async def _get(self, path: str, names: dict[str, str]) -> object:
        """Return an object of the core group. CoreV1Api would cost each start most of a second, and 24 MiB for good."""

        async def call() -> object:
            headers = {"Accept": "application/json"}
            request = await self._api.param_serialize(
                "GET", path, path_params=names, header_params=headers, auth_settings=["BearerToken"]
            )
            answer = await self._api.call_api(*request, _request_timeout=_TIMEOUT)
            await answer.read()
            return self._api.response_deserialize(answer, {"200": "object"}).data

        return await _request(call())

    async def lease(self, namespace: str, name: str) -> LeaseObject:
        """Return a Lease. Raises Gone, or RetryLater."""
        found = await _request(self._leases.read_namespaced_lease(name, namespace, _request_timeout=_TIMEOUT))
        return cast(LeaseObject, self._api.sanitize_for_serialization(found))

    async def replace_lease(self, lease: LeaseObject) -> LeaseObject:
        """Create it, or replace the version that it names.

        Raises Stale when that is not the newest, Gone, or RetryLater.
        """
        namespace, name = lease["metadata"]["namespace"], lease["metadata"]["name"]
        body: Any = lease
        call = (
            self._leases.replace_namespaced_lease(name, namespace, body, _request_timeout=_TIMEOUT)
            if "resourceVersion" in lease["metadata"]
            else self._leases.create_namespaced_lease(namespace, body, _request_timeout=_TIMEOUT)
        )
        return cast(LeaseObject, self._api.sanitize_for_serialization(await _request(call)))

    async def set_finalizers(self, plural: str, resource: Resource, finalizers: list[str]) -> Resource:
        """Replace the finalizers if the resource is still the version we looked at."""
        metadata = resource["metadata"]
        guard = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        body = {"metadata": guard | {"finalizers": finalizers}}
        return await self._patch(self._custom.patch_namespaced_custom_object, plural, metadata, body)

    async def set_status(self, plural: str, resource: Resource, status: Status) -> Resource:
        """Replace the status; fields that are not in ``status`` go, at every depth. The uid guards against a namesake.

        Where the status was not the one we knew, what is left of it goes by a second patch.
        """
        metadata, patched = resource["metadata"], resource
        for _ in range(2):
            patch = difference(patched.get("status") or Status(), status)
            body = {"metadata": {"uid": metadata["uid"]}, "status": patch}
            patched = await self._patch(self._custom.patch_namespaced_custom_object_status, plural, metadata, body)
            if patched.get("status") == status:
                break
        return patched

    async def _patch(
        self, call: Callable[..., Awaitable[object]], plural: str, metadata: Metadata, body: Mapping[str, object]
    ) -> Resource:
        patched = await _request(
            call(
                GROUP,
                VERSION,
                metadata["namespace"],
                plural,
                metadata["name"],
                body,
                field_manager="mesto-operator",
                _content_type=_MERGE,
                _request_timeout=_TIMEOUT,
            )
        )
        return cast(Resource, patched)

    def event(self, resource: Resource, kind: str, type_: str, reason: str, message: str, action: str) -> EventObject:
        """Return a Kubernetes Event about the resource, which happens now."""
        metadata = resource["metadata"]
        return {
            "metadata": {"name": f"{metadata['name'][:200]}.{uuid4().hex[:16]}", "namespace": metadata["namespace"]},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": f"{GROUP}/operator",
            "reportingInstance": self._instance,
            "type": type_,
            "reason": reason,
            "action": action,
            "note": message[:1000],
            "regarding": {
                "apiVersion": f"{GROUP}/{VERSION}",
                "kind": kind,
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            },
        }

    async def publish_event(self, event: EventObject) -> None:
        """Publish a Kubernetes Event; nothing when it is there already.

        Raises Gone without its namespace, or RetryLater.
        """
        namespace = event["metadata"]["namespace"]
        with contextlib.suppress(Stale):
            await _request(self._events.create_namespaced_event(namespace, event, _request_timeout=_TIMEOUT))  # type: ignore[arg-type]
