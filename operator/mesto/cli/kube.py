"""Reading custom resources by the kubeconfig, with each failure as a sentence."""

from __future__ import annotations

from typing import Any

from mesto.cli import tree
from mesto.cli.failure import PLATFORM, Failure

_GROUP, _VERSION, _SECONDS = "mesto.dev", "v1alpha1", 15


def resources(name: str, namespace: str, everywhere: bool) -> list[tree.Resource]:
    """The resource KIND/NAME, or those of all kinds without a name. Raises Failure."""
    word, _, wanted = name.partition("/")
    kind = tree.kind_of(word)
    if name and (kind is None or not wanted or everywhere):
        raise Failure(f"{name} is no KIND/NAME of one namespace. Kinds: {', '.join(tree.KINDS)}.")
    # Late, for the client takes a second to import: --help needs none of it.
    from kubernetes import client, config
    from urllib3.exceptions import HTTPError

    try:
        config.load_kube_config()
        _, active = config.list_kube_config_contexts()
    except config.ConfigException as error:
        raise Failure(f"There is no usable kubeconfig: {error}.") from error
    namespace = namespace or active["context"].get("namespace") or "default"
    api = client.CustomObjectsApi()
    more: dict[str, Any] = {"_request_timeout": _SECONDS}
    found: list[tree.Resource] = []
    try:
        if kind:
            return [api.get_namespaced_custom_object(_GROUP, _VERSION, namespace, tree.KINDS[kind], wanted, **more)]
        for plural in tree.KINDS.values():
            if everywhere:
                found += api.list_cluster_custom_object(_GROUP, _VERSION, plural, **more)["items"]
            else:
                found += api.list_namespaced_custom_object(_GROUP, _VERSION, namespace, plural, **more)["items"]
    except client.ApiException as error:
        what = name or "resources"
        said = {
            401: "the API server does not know you: sign in again",
            403: f"you may not read {what}",
            404: f"there is no {what} in {namespace}, or Mesto is not installed",
        }.get(error.status, f"the API server answered {error.status}: {error.reason}")
        raise Failure(said[0].upper() + said[1:] + ".", PLATFORM if error.status >= 500 else 1) from error
    except (HTTPError, OSError) as error:
        raise Failure("The API server does not answer; is the kubeconfig's cluster running?", PLATFORM) from error
    return found
