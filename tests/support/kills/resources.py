"""Custom resources, applied again until the API server has answered; and what was declared by them."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from mestolocal.cluster import Cluster

_GROUP, _VERSION, _PLURAL = "mesto.dev", "v1alpha1", "coworkingspaces"
_APPLY = "application/apply-patch+yaml"
_PATIENCE = 120.0


class Resources:
    """CoworkingSpaces of one namespace. `declared` has each name's last acknowledged manifest, None when deleted."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        api = config.new_client_from_config(str(cluster.kubeconfig))
        api.configuration.retries = False
        self._core, self._custom = client.CoreV1Api(api), client.CustomObjectsApi(api)
        self.namespace = namespace
        self.declared: dict[str, dict[str, Any] | None] = {}
        self.deleted_with: dict[str, str] = {}
        body = {"metadata": {"name": namespace}}
        self._call_until_answered(lambda: self._core.create_namespace(body, _request_timeout=5), fine=(409,))

    @staticmethod
    def _call_until_answered(call: Callable[[], Any], fine: tuple[int, ...] = ()) -> Any:
        """The answer, None for a status that is fine, too."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return call()
            except ApiException as error:
                if error.status in fine:
                    return None
                last: Exception = error
                if error.status is not None and 400 <= error.status < 500 and error.status not in (401, 403, 409, 429):
                    raise
            except (urllib3.exceptions.HTTPError, OSError) as error:
                last = error
            if time.monotonic() > deadline:
                raise last
            time.sleep(0.2)

    def apply(self, manifest: dict[str, Any]) -> None:
        """Server-side apply, until it is acknowledged."""
        name = manifest["metadata"]["name"]
        self._call_until_answered(
            lambda: self._custom.patch_namespaced_custom_object(
                *(_GROUP, _VERSION, self.namespace, _PLURAL, name, manifest),
                field_manager="kills",
                force=True,
                _content_type=_APPLY,
                _request_timeout=10,
            )
        )
        self.declared[name] = copy.deepcopy(manifest)

    def accept(self, name: str, generation: int) -> None:
        """Let a generation strand bookings."""
        body = {"metadata": {"annotations": {f"{_GROUP}/accept-affected": str(generation)}}}
        self._call_until_answered(
            lambda: self._custom.patch_namespaced_custom_object(
                *(_GROUP, _VERSION, self.namespace, _PLURAL, name, body),
                _content_type="application/merge-patch+json",
                _request_timeout=10,
            ),
            fine=(404,),
        )

    def delete(self, name: str) -> None:
        """Delete, until it is acknowledged; the finalizer goes when the operator has told catalog."""
        self._call_until_answered(
            lambda: self._custom.delete_namespaced_custom_object(
                *(_GROUP, _VERSION, self.namespace, _PLURAL, name), _request_timeout=10
            ),
            fine=(404,),
        )
        before = self.declared[name]
        assert before is not None
        self.deleted_with[name] = before["spec"]["deletionPolicy"]
        self.declared[name] = None

    def get(self, name: str) -> dict[str, Any] | None:
        """A resource as it is, None when it is gone."""
        found: dict[str, Any] | None = self._call_until_answered(
            lambda: self._custom.get_namespaced_custom_object(
                *(_GROUP, _VERSION, self.namespace, _PLURAL, name), _request_timeout=10
            ),
            fine=(404,),
        )
        return found

    def all(self) -> dict[str, dict[str, Any]]:
        """All there are, by name."""
        answer = self._call_until_answered(
            lambda: self._custom.list_namespaced_custom_object(
                _GROUP, _VERSION, self.namespace, _PLURAL, _request_timeout=10
            )
        )
        return {item["metadata"]["name"]: item for item in answer["items"]}
