"""The operator works with the rights it is given and has no others."""

from __future__ import annotations

import pytest
from mestolocal.cluster import Cluster
from mestolocal.paths import DEPLOY, PlatformError

RIGHTS = DEPLOY / "kubernetes" / "operator-rbac.yaml"
SPACES = "coworkingspaces.mesto.dev"
ALLOWED = (
    f"list {SPACES}",
    f"watch {SPACES}",
    f"patch {SPACES}",
    f"patch {SPACES}/status",
    "watch geodatasets.mesto.dev",
    "patch geodatasets.mesto.dev/status",
    "get configmaps",
    "create events.events.k8s.io",
    "list namespaces",
)
FORBIDDEN = (
    f"create {SPACES}",
    f"delete {SPACES}",
    "create geodatasets.mesto.dev",
    "get secrets",
    "list configmaps",
    "patch configmaps",
    "create pods",
    "delete namespaces",
    "patch deployments",
)


def can(apiserver: Cluster, namespace: str, what: str) -> bool:
    verb, resource = what.split()
    resource, _, part = resource.partition("/")
    subresource = [f"--subresource={part}"] if part else []
    question = ("auth", "can-i", verb, resource, *subresource, "--as=mesto-operator", "-n", namespace)
    try:
        return apiserver.kubectl(*question).strip() == "yes"
    except PlatformError:
        return False  # kubectl's exit code of a no


@pytest.mark.parametrize("what", ALLOWED)
def test_the_operator_may(apiserver: Cluster, namespace: str, what: str) -> None:
    apiserver.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(RIGHTS))
    assert can(apiserver, namespace, what)


def test_its_lease_lies_in_one_namespace(apiserver: Cluster, namespace: str) -> None:
    apiserver.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(RIGHTS))
    for what in (
        "get leases.coordination.k8s.io",
        "create leases.coordination.k8s.io",
        "update leases.coordination.k8s.io",
    ):
        assert can(apiserver, "mesto", what)
        assert not can(apiserver, namespace, what)
    assert not can(apiserver, "mesto", "delete leases.coordination.k8s.io")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_operator_may_not(apiserver: Cluster, namespace: str, what: str) -> None:
    apiserver.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(RIGHTS))
    assert not can(apiserver, namespace, what)
