"""Writing to the API server: the few calls the operator makes, foreign errors turned into ours."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import aiohttp
import structlog
from kubernetes.aio import client, config
from kubernetes.aio.client.exceptions import ApiException
from mesto.operator.queue import Later
from mesto.operator.schema import GROUP, VERSION

log = structlog.get_logger(__name__)
_TIMEOUT = 10.0
PING_SECONDS = 3.0
_MERGE = "application/merge-patch+json"
Resource = dict[str, Any]


class Gone(Exception):
    """The resource does not exist any more."""


class Stale(Later):
    """The resource has changed since we looked: its newest version is on the way, try again."""


async def _ask(call: Awaitable[Any]) -> Any:
    """The answer. Raises Gone, Stale, or Later when the API server does not answer or is overloaded."""
    try:
        return await call
    except ApiException as error:
        if error.status == 404:
            raise Gone from error
        if error.status == 409:
            raise Stale(f"the API server answered 409: {error.reason}") from error
        raise Later(f"the API server answered {error.status}: {str(error.body)[:300]}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(f"the API server does not answer: {error!r}") from error


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
        """By KUBECONFIG, else as the pod's service account."""
        configuration = client.Configuration()
        if os.environ.get("KUBECONFIG") or "KUBERNETES_SERVICE_HOST" not in os.environ:
            await config.load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        else:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        # A proxy is in the configuration already; without this every call also reads ~/.netrc.
        configuration.client_session_kwargs = {"trust_env": False}
        return cls(client.ApiClient(configuration))

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()  # type: ignore[no-untyped-call]

    async def ping(self) -> None:
        """Raise Later when the API server does not answer."""
        await _ask(client.VersionApi(self._api).get_code(_request_timeout=PING_SECONDS))

    async def config_map(self, namespace: str, name: str) -> Resource:
        """A ConfigMap. Raises Gone, or Later."""
        path = "/api/v1/namespaces/{namespace}/configmaps/{name}"
        return await self._get(path, {"namespace": namespace, "name": name})

    async def labels(self, namespace: str) -> dict[str, str]:
        """The labels of a namespace. Raises Gone, or Later."""
        found = await self._get("/api/v1/namespaces/{namespace}", {"namespace": namespace})
        return dict(found["metadata"].get("labels") or {})

    async def _get(self, path: str, names: dict[str, str]) -> Resource:
        """An object of the core group. CoreV1Api would cost each start most of a second, and 24 MiB for good."""

        async def call() -> Resource:
            headers = {"Accept": "application/json"}
            request = await self._api.param_serialize(
                "GET", path, path_params=names, header_params=headers, auth_settings=["BearerToken"]
            )
            answer = await self._api.call_api(*request, _request_timeout=_TIMEOUT)
            await answer.read()  # type: ignore[no-untyped-call]
            found: Resource = self._api.response_deserialize(answer, {"200": "object"}).data
            return found

        found: Resource = await _ask(call())
        return found

    async def lease(self, namespace: str, name: str) -> Resource:
        """A Lease. Raises Gone, or Later."""
        found = await _ask(self._leases.read_namespaced_lease(name, namespace, _request_timeout=_TIMEOUT))
        return cast(Resource, self._api.sanitize_for_serialization(found))

    async def put_lease(self, lease: Resource) -> Resource:
        """Create it, or replace the version that it names. Raises Stale when that is not the newest, Gone, or Later."""
        namespace, name = lease["metadata"]["namespace"], lease["metadata"]["name"]
        body: Any = lease
        call = (
            self._leases.replace_namespaced_lease(name, namespace, body, _request_timeout=_TIMEOUT)
            if "resourceVersion" in lease["metadata"]
            else self._leases.create_namespaced_lease(namespace, body, _request_timeout=_TIMEOUT)
        )
        return cast(Resource, self._api.sanitize_for_serialization(await _ask(call)))

    async def set_finalizers(self, plural: str, resource: Resource, finalizers: list[str]) -> Resource:
        """Replace the finalizers if the resource is still the version we looked at."""
        metadata = resource["metadata"]
        guard = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        body = {"metadata": guard | {"finalizers": finalizers}}
        return await self._patch(self._custom.patch_namespaced_custom_object, plural, metadata, body)

    async def set_status(self, plural: str, resource: Resource, status: dict[str, Any]) -> Resource:
        """Replace the status; fields that are not in ``status`` go. The uid guards against a namesake."""
        metadata = resource["metadata"]
        removed = {name: None for name in resource.get("status") or {} if name not in status}
        body = {"metadata": {"uid": metadata["uid"]}, "status": removed | status}
        return await self._patch(self._custom.patch_namespaced_custom_object_status, plural, metadata, body)

    async def _patch(
        self, call: Callable[..., Awaitable[Resource]], plural: str, metadata: dict[str, Any], body: dict[str, Any]
    ) -> Resource:
        patched: Resource = await _ask(
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
        return patched

    def event(self, resource: Resource, kind: str, type_: str, reason: str, message: str, action: str) -> Resource:
        """A Kubernetes Event about the resource, which happens now."""
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

    async def tell(self, event: Resource) -> None:
        """Publish a Kubernetes Event; nothing when it is there already. Raises Gone without its namespace, or Later."""
        namespace: Any = event["metadata"]["namespace"]
        with contextlib.suppress(Stale):
            await _ask(self._events.create_namespaced_event(namespace, event, _request_timeout=_TIMEOUT))  # type: ignore[arg-type]
