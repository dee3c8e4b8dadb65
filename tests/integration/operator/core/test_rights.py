"""The operator works with the rights it is given and has no others."""

from __future__ import annotations

import pytest
from mestolocal.cluster import Cluster
from mestolocal.paths import DEPLOY
from support.clients.cluster_api import may
from support.waiting import eventually

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
    "patch deployments.apps",
)


@pytest.fixture(scope="module", autouse=True)
def _rights(apiserver: Cluster) -> None:
    apiserver.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(RIGHTS))


def can(apiserver: Cluster, namespace: str, what: str, user: str = "mesto-operator") -> bool:
    return may(apiserver, user, what, namespace)


@pytest.mark.parametrize("what", ALLOWED)
def test_the_operator_may(apiserver: Cluster, namespace: str, what: str) -> None:
    assert can(apiserver, namespace, what)


def test_its_lease_lies_in_one_namespace(apiserver: Cluster, namespace: str) -> None:
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
    assert not can(apiserver, namespace, what)


@pytest.mark.parametrize(
    ("role", "allowed", "forbidden"),
    [
        ("view", ("get", "list", "watch"), ("create", "update", "patch", "delete")),
        ("edit", ("get", "list", "watch", "create", "update", "patch", "delete"), ()),
    ],
)
def test_who_may_view_or_edit_a_namespace_may_do_so_with_our_kinds(
    apiserver: Cluster, namespace: str, role: str, allowed: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    user = f"{role}er"
    apiserver.kubectl("create", "rolebinding", user, f"--clusterrole={role}", f"--user={user}", "-n", namespace)
    # Kubernetes' controller adds our rules to its own roles; it has done so once its view role names our kinds.
    eventually(
        lambda: SPACES.split(".")[0] in apiserver.kubectl("get", "clusterrole", role, "-o", "jsonpath={.rules}"),
        f"the role {role} knows our kinds",
    )
    for kind in ("coworkingspaces", "geodatasets", "scrapetargets", "platformconfigs"):
        for verb in allowed:
            assert can(apiserver, namespace, f"{verb} {kind}.mesto.dev", user)
        for verb in forbidden:
            assert not can(apiserver, namespace, f"{verb} {kind}.mesto.dev", user)
    assert not can(apiserver, namespace, f"patch {SPACES}/status", user)
