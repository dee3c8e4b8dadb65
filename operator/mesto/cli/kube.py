"""Custom resources by the kubeconfig, with each failure as a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from mesto.cli import status_tree
from mesto.cli.failure import PLATFORM, Failure, Missing
from mesto.operator.objects import Resource, ResourceList

if TYPE_CHECKING:
    from kubernetes.client import CustomObjectsApi

_GROUP, _VERSION = "mesto.dev", "v1alpha1"
_SECONDS = 15
Name = tuple[str, str]
"""A kind, and a resource's name."""


def parse(word: str) -> Name:
    """Parse KIND/NAME, as kubectl takes it. Raises Failure."""
    kind, _, name = word.partition("/")
    known = status_tree.kind_of(kind)
    if known is None or not name or "/" in name:
        raise Failure(f"{word} is no KIND/NAME. Kinds: {', '.join(status_tree.KINDS)}.")
    return known, name


def namespace_of(word: str) -> str:
    """Return a namespace as it was written, empty for none. Raises Failure for what is no name of one."""
    if word and not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", word):
        how = "write small letters, digits and inner hyphens, 63 at most, such as moscow."
        raise Failure(f'"{word}" cannot be a namespace: {how}')
    return word


class Kube:
    """The cluster of the kubeconfig's current context. Raises Failure when there is none."""

    def __init__(self, namespace: str = "") -> None:
        namespace_of(namespace)
        # Late, for the client takes a second to import: --help needs none of it.
        from kubernetes import client, config

        try:
            config.load_kube_config()
            _, active = config.list_kube_config_contexts()
        except config.ConfigException as error:
            raise Failure(f"There is no usable kubeconfig: {error}.") from error
        self.namespace = namespace or active["context"].get("namespace") or "default"
        self._api: CustomObjectsApi = client.CustomObjectsApi()

    def get(self, name: Name, namespace: str = "") -> Resource:
        """Return a resource, of another namespace if one is named. Raises Missing, or another Failure."""
        with self._failures("/".join(name)):
            place = (_GROUP, _VERSION, namespace or self.namespace, status_tree.KINDS[name[0]])
            found = self._api.get_namespaced_custom_object(*place, name[1], _request_timeout=_SECONDS)
            return cast(Resource, found)

    def all(self, *, everywhere: bool = False) -> list[Resource]:
        """Return the resources of all kinds, of this namespace or of every one. Raises Failure."""
        found: list[Resource] = []
        for plural in status_tree.KINDS.values():
            with self._failures(plural):
                if everywhere:
                    page = self._api.list_cluster_custom_object(_GROUP, _VERSION, plural, _request_timeout=_SECONDS)
                else:
                    place = (_GROUP, _VERSION, self.namespace, plural)
                    page = self._api.list_namespaced_custom_object(*place, _request_timeout=_SECONDS)
                found += cast(ResourceList, page)["items"] or []
        return found

    def annotate(self, name: Name, annotations: Mapping[str, str | None]) -> None:
        """Set annotations of a resource, None removes one. Raises Failure."""
        body = {"metadata": {"annotations": dict(annotations)}}
        with self._failures("/".join(name), "change"):
            place = (_GROUP, _VERSION, self.namespace, status_tree.KINDS[name[0]])
            self._api.patch_namespaced_custom_object(*place, name[1], body, _request_timeout=_SECONDS)

    @contextmanager
    def _failures(self, what: str, verb: str = "read") -> Iterator[None]:
        from kubernetes import client
        from urllib3.exceptions import HTTPError

        try:
            yield
        except client.ApiException as error:
            if error.status == 404:
                raise Missing(f"There is no {what} in {self.namespace}, or Mesto is not installed.") from error
            sentence = {
                401: "The API server does not know you: sign in again.",
                403: f"You may not {verb} {what} in {self.namespace}.",
            }.get(error.status, f"The API server answered {error.status}: {error.reason}.")
            raise Failure(sentence, PLATFORM if error.status >= 500 else 1) from error
        except (HTTPError, OSError) as error:
            raise Failure("The API server does not answer; is the kubeconfig's cluster running?", PLATFORM) from error
