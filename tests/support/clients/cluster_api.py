"""The API server over one connection that is kept; a process of kubectl costs a hundred times a request."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import httpx
from mestolocal.cluster import Cluster
from mestolocal.paths import PlatformError
from support.clients.spaces import dump
from support.waiting import eventually

Manifest = dict[str, Any]

_OURS = "/apis/mesto.dev/v1alpha1"
_KINDS = {
    "cm": ("/api/v1", "configmaps"),
    "cws": (_OURS, "coworkingspaces"),
    "gds": (_OURS, "geodatasets"),
    "mpc": (_OURS, "platformconfigs"),
    "sct": (_OURS, "scrapetargets"),
    "events": ("/api/v1", "events"),
    "lease": ("/apis/coordination.k8s.io/v1", "leases"),
}
"""(address of the API, plural) by the names that kubectl takes."""


@cache
def client(cluster: Cluster) -> httpx.Client:
    """The administrator's connection to the API server."""
    context = ssl.create_default_context(cafile=cluster.pki / "cluster-ca.crt")
    name = cluster.pki / "client-mesto-admin"
    context.load_cert_chain(name.with_suffix(".crt"), name.with_suffix(".key"))
    return httpx.Client(base_url=cluster.server_url, verify=context, trust_env=False, timeout=30)


def ask(cluster: Cluster, method: str, path: str, **what: Any) -> Manifest:
    """The API server's answer. Raises PlatformError with what it said when it refuses or is away."""
    try:
        answer = client(cluster).request(method, path, **what)
    except httpx.HTTPError as error:
        raise PlatformError(f"{method} {path}: {error}") from error
    if answer.is_error:
        raise PlatformError(f"{method} {path}: {answer.status_code} {answer.text}")
    found: Manifest = answer.json()
    return found


def resources(cluster: Cluster, kind: str, namespace: str) -> list[Manifest]:
    """The resources of a namespace. Raises PlatformError with what the API server said."""
    found: list[Manifest] = ask(cluster, "GET", _address(kind, namespace))["items"]
    return found


def resource(cluster: Cluster, kind: str, name: str, namespace: str) -> Manifest:
    """One resource. Raises PlatformError with what the API server said, as of one that is not there."""
    return ask(cluster, "GET", f"{_address(kind, namespace)}/{name}")


def apply(cluster: Cluster, namespace: str, *manifests: Manifest) -> None:
    """Applies manifests as `kubectl apply --server-side`: fields that are left out now are gone."""
    headers = {"Content-Type": "application/apply-patch+yaml"}
    params = {"fieldManager": "kubectl", "fieldValidation": "Strict", "force": "true"}
    for manifest in manifests:
        path = f"{collection(manifest, namespace)}/{manifest['metadata']['name']}"
        ask(cluster, "PATCH", path, params=params, headers=headers, content=dump(manifest).encode())


def change(cluster: Cluster, kind: str, name: str, namespace: str, patch: Manifest) -> Manifest:
    """The resource after a JSON merge patch, as of `kubectl patch --type=merge`, `annotate` and `label`."""
    headers = {"Content-Type": "application/merge-patch+json"}
    return ask(cluster, "PATCH", f"{_address(kind, namespace)}/{name}", json=patch, headers=headers)


def delete(cluster: Cluster, kind: str, name: str, namespace: str, *, wait: bool = True) -> None:
    """Deletes a resource and, as `kubectl delete`, waits until it is gone."""
    ask(cluster, "DELETE", f"{_address(kind, namespace)}/{name}")
    if wait:
        eventually(lambda: name not in names(cluster, kind, namespace), f"{name} of {namespace} to be gone")


def delete_all(cluster: Cluster, kind: str, namespace: str) -> None:
    """Deletes all resources of a kind in a namespace and waits until they are gone."""
    ask(cluster, "DELETE", _address(kind, namespace))
    eventually(lambda: not names(cluster, kind, namespace), f"{kind} of {namespace} to be gone")


def names(cluster: Cluster, kind: str, namespace: str) -> list[str]:
    """Names of a namespace's resources."""
    return [item["metadata"]["name"] for item in resources(cluster, kind, namespace)]


def create_namespace(cluster: Cluster, name: str) -> None:
    """Creates a namespace. Raises PlatformError with what the API server said."""
    ask(cluster, "POST", "/api/v1/namespaces", json={"metadata": {"name": name}})


def delete_namespace(cluster: Cluster, name: str) -> None:
    """Deletes a namespace, and does not wait for its end."""
    ask(cluster, "DELETE", f"/api/v1/namespaces/{name}")


def collection(manifest: Manifest, namespace: str) -> str:
    """Where the API server keeps the namespace's resources of a manifest's kind."""
    version = manifest["apiVersion"]
    api = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{api}/namespaces/{namespace}/{manifest['kind'].lower()}s"


def _address(kind: str, namespace: str) -> str:
    if kind == "namespace":
        return "/api/v1/namespaces"
    api, plural = _KINDS[kind]
    return f"{api}/namespaces/{namespace}/{plural}"


def may(cluster: Cluster, user: str, what: str, namespace: str) -> bool:
    """Whether a user may do `verb plural.group/subresource` there: what `kubectl auth can-i --as` asks."""
    verb, resource = what.split()
    resource, _, subresource = resource.partition("/")
    plural, _, group = resource.partition(".")
    attributes = {"verb": verb, "group": group, "resource": plural, "namespace": namespace}
    review = {"spec": {"resourceAttributes": attributes | {"subresource": subresource}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return bool(ask(cluster, "POST", path, json=review, headers={"Impersonate-User": user})["status"]["allowed"])
