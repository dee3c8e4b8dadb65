"""The chart on a real API server: installed, upgraded, uninstalled; every pod admitted, weaker ones refused.

There is no kubelet: what runs is the operator, from its image and with the chart's account.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import yaml
from mestolocal import images
from mestolocal.cluster import Cluster
from mestolocal.paths import DEPLOY, PlatformError
from mestolocal.services import operator_server
from mestolocal.sessions import SessionServers
from support.chart import CHART, PRODUCTION, TRIAL, Manifest, containers, environment, helm, parse, pods
from support.clients.cluster_api import may, resource
from support.clients.spaces import conditions, space
from support.servers.containers import await_ready, container_of
from support.servers.platform import PlatformFactory
from support.waiting import eventually

NAMESPACE = "mesto"
OTHER = "production"  # for what is only looked at: the trial's Job, which cannot be changed, is not in its way
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:mesto-operator"
CRD = "coworkingspaces.mesto.dev"


def done(cluster: Cluster, *arguments: str, namespace: str = NAMESPACE) -> str:
    """What helm printed, with the administrator's rights."""
    result = helm(*arguments, "-n", namespace, kubeconfig=cluster.kubeconfig)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def stage() -> Iterator[Cluster]:
    """A cluster of its own that knows nothing of Mesto but a namespace under the strictest Pod Security."""
    servers = SessionServers()
    cluster = servers.bare_cluster()
    for name in (NAMESPACE, OTHER):
        cluster.kubectl("create", "namespace", name)
        cluster.kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
    yield cluster
    servers.stop()


@pytest.fixture(scope="module")
def installed(stage: Cluster) -> Cluster:
    done(stage, "install", "mesto", str(CHART), *TRIAL)
    return stage


def manifests(stage: Cluster) -> list[Manifest]:
    return parse(done(stage, "get", "manifest", "mesto"))


def secrets(stage: Cluster) -> dict[str, Any]:
    listed = json.loads(
        stage.kubectl("get", "secrets", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=mesto", "-o", "json")
    )
    return {item["metadata"]["name"]: item["data"] for item in listed["items"]}


def bare(pod: Manifest, name: str = "probe") -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", **pod, "metadata": {**pod["metadata"], "name": name}}


def dry_run(stage: Cluster, *resources: Manifest) -> list[str]:
    """What the API server says of each; PlatformError with its reason for one that it refuses."""
    words = ("create", "--dry-run=server", "-n", NAMESPACE, "-f", "-")
    return stage.kubectl(*words, stdin=yaml.safe_dump_all(resources)).splitlines()


def accepted(stage: Cluster, resources: list[Manifest], namespace: str = NAMESPACE) -> int:
    """How many of them the API server would take; PlatformError with its reason for one that it refuses."""
    words = ("apply", "--server-side", "--dry-run=server", "--force-conflicts", "-n", namespace, "-f", "-")
    said = stage.kubectl(*words, stdin=yaml.safe_dump_all(resources))
    return said.count("serverside-applied (server dry run)")


def of_production(stage: Cluster) -> list[Manifest]:
    """All of it but what the Prometheus operator's own kinds are needed for."""
    words = ("--dry-run=server", "--set", "monitoring.enabled=false,crds.install=false,podPolicy.enabled=false")
    words += ("--kube-version", "1.36.3")
    return parse(done(stage, "template", "mesto", str(CHART), *PRODUCTION, *words, namespace=OTHER))


def test_each_object_is_taken_by_the_api_server(installed: Cluster) -> None:
    found = manifests(installed)
    assert accepted(installed, found) == len(found) > 50


def test_each_object_of_production_is_taken_by_the_api_server(installed: Cluster) -> None:
    found = of_production(installed)
    assert {"Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"} <= {
        resource["kind"] for resource in found
    }
    assert accepted(installed, found, OTHER) == len(found)


@pytest.mark.parametrize("rendered", [manifests, of_production], ids=["trial", "production"])
def test_each_pod_is_admitted_as_restricted(installed: Cluster, rendered: Callable[[Cluster], list[Manifest]]) -> None:
    found = [bare(pod, f"{name}-probe") for name, pod in pods(rendered(installed)).items()]
    assert len(found) >= 8
    assert dry_run(installed, *found) == [
        f"pod/{resource['metadata']['name']} created (server dry run)" for resource in found
    ]


def _container(change: Callable[[Manifest], object]) -> Callable[[Manifest], object]:
    return lambda pod: change(pod["spec"]["containers"][0])


def _host_path(pod: Manifest) -> None:
    pod["spec"]["volumes"].append({"name": "host", "hostPath": {"path": "/"}})


def _root(pod: Manifest) -> None:
    pod["spec"]["securityContext"] |= {"runAsNonRoot": False, "runAsUser": 0}


def _no_requests(pod: Manifest) -> None:
    pod["spec"]["initContainers"][0].pop("resources")


WEAKER: dict[str, tuple[Callable[[Manifest], object], str]] = {
    "privileged": (_container(lambda container: container["securityContext"].update(privileged=True)), "privileged"),
    "root": (_root, "runAsNonRoot"),
    "capabilities": (
        _container(lambda container: container["securityContext"].pop("capabilities")),
        "unrestricted capabilities",
    ),
    "host path": (_host_path, "hostPath"),
    "host network": (lambda pod: pod["spec"].update(hostNetwork=True), "host namespaces"),
    "any system call": (lambda pod: pod["spec"]["securityContext"].pop("seccompProfile"), "seccompProfile"),
    "no limits": (_container(lambda container: container["resources"].pop("limits")), "missing in: api"),
    "no requests": (_no_requests, "missing in: wait-for-schema"),
}


@pytest.mark.parametrize("weaker", WEAKER)
def test_a_weaker_pod_is_refused(installed: Cluster, weaker: str) -> None:
    change, reason = WEAKER[weaker]
    pod = copy.deepcopy(pods(manifests(installed))["mesto-catalog"])
    change(pod)
    with pytest.raises(PlatformError, match=reason):
        dry_run(installed, bare(pod))


def test_no_limits_are_another_namespaces_affair(installed: Cluster) -> None:
    installed.kubectl("create", "namespace", "elsewhere")
    pod = {"spec": {"containers": [{"name": "one", "image": "one"}]}, "metadata": {}}
    text = json.dumps(bare(pod))
    assert "created" in installed.kubectl("create", "--dry-run=server", "-n", "elsewhere", "-f", "-", stdin=text)


def test_upgrades_keep_secrets_and_migrate_anew(installed: Cluster) -> None:
    before = secrets(installed)
    assert set(before) == {f"mesto-{name}" for name in ("auth-keys", "broker", "database", "internal-keys", "scrapyd")}
    annotations = pods(manifests(installed))["mesto-auth"]["metadata"]["annotations"]
    done(installed, "upgrade", "mesto", str(CHART), *TRIAL, "--set", "log.level=DEBUG")
    assert secrets(installed) == before
    assert pods(manifests(installed))["mesto-auth"]["metadata"]["annotations"] == annotations
    assert "mesto-migrate-2" in installed.kubectl("get", "jobs", "-n", NAMESPACE, "-o", "name")


def test_a_lost_key_pair_is_made_anew_and_the_others_stay(installed: Cluster) -> None:
    before = secrets(installed)["mesto-internal-keys"]
    gone = json.dumps({"data": {"geo.key.pem": None, "geo.pub.pem": None}})
    installed.kubectl("patch", "secret", "mesto-internal-keys", "-n", NAMESPACE, "--type=merge", "-p", gone)
    done(installed, "upgrade", "mesto", str(CHART), *TRIAL)
    after = secrets(installed)["mesto-internal-keys"]
    assert {name for name in before if before[name] != after[name]} == {"geo.key.pem", "geo.pub.pem"}


LEASES = "leases.coordination.k8s.io"
ALLOWED = (
    *(f"list {CRD}", f"patch {CRD}", f"patch {CRD}/status", "create events.events.k8s.io", "list namespaces"),
    *("watch geodatasets.mesto.dev", "get configmaps", f"get {LEASES}", f"update {LEASES}"),
)
FORBIDDEN = (
    *(f"delete {CRD}", f"create {CRD}", "get secrets", "list pods", "create pods", "delete namespaces"),
    *("list configmaps", f"delete {LEASES}"),
)


@pytest.mark.parametrize("what", [*ALLOWED, *FORBIDDEN])
def test_the_operators_account_may_do_its_work_and_nothing_else(installed: Cluster, what: str) -> None:
    assert may(installed, ACCOUNT, what, NAMESPACE) == (what in ALLOWED)


def test_no_other_account_may_do_anything(installed: Cluster) -> None:
    for account in ("mesto-catalog", "mesto-migrate", "mesto-gateway", "mesto-booking-worker"):
        for what in (f"list {CRD}", "get secrets", "list pods"):
            assert not may(installed, f"system:serviceaccount:{NAMESPACE}:{account}", what, NAMESPACE)


@pytest.mark.parametrize("namespaces", [(), ("one",)], ids=["whole cluster", "one namespace"])
def test_the_operators_image_with_the_charts_account_brings_spaces_to_synced(
    installed: Cluster, new_platform: PlatformFactory, namespaces: tuple[str, ...]
) -> None:
    for name in ("one", "two"):
        installed.kubectl(
            "apply", "-f", "-", stdin=f'{{apiVersion: v1, kind: Namespace, metadata: {{name: "{name}"}}}}'
        )
        installed.kubectl("apply", "--server-side", "-n", name, "-f", "-", stdin=json.dumps(space(f"loft-{name}")))
    watched = f"operator.namespaces={json.dumps(namespaces)}"
    done(installed, "upgrade", "mesto", str(CHART), *TRIAL, "--set-json", watched)
    told = environment(containers(pods(manifests(installed))["mesto-operator"])[-1])
    platform = new_platform("catalog", tasks=False)
    account = platform.folder / "account"
    account.mkdir(mode=0o755)
    (account / "token").write_text(installed.kubectl("create", "token", "mesto-operator", "-n", NAMESPACE).strip())
    authority = installed.kubectl(
        "get", "configmap", "kube-root-ca.crt", "-n", NAMESPACE, "-o", r"jsonpath={.data.ca\.crt}"
    )
    (account / "ca.crt").write_text(authority)
    (account / "namespace").write_text(NAMESPACE)
    operator = operator_server(dataclasses.replace(platform.wiring, kubeconfig=account))
    pod = {
        **{name: value for name, value in operator.environment.items() if name != "KUBECONFIG"},
        "MESTO_OPERATOR_NAMESPACES": str(told.get("MESTO_OPERATOR_NAMESPACES", "")),
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(installed.ports["kube-apiserver"]),
    }
    operator = dataclasses.replace(operator, environment=pod)
    volumes = {account: "/var/run/secrets/kubernetes.io/serviceaccount"}
    image = images.build(("operator",))["operator"].id
    config = platform.wiring.platform_config
    with container_of(operator, image, platform.folder / "readable", config, volumes) as container:
        await_ready(container, operator)
        for name in namespaces or ("one", "two"):
            eventually(partial(synced, installed, name), f"the space of {name} is applied: {container.log()[-2000:]}")
        # That it may write Events, too: a second claimant of a slug is told so.
        rival = f"rival-{len(namespaces)}"
        claim = json.dumps(space(rival, slug="loft-one"))
        installed.kubectl("apply", "--server-side", "-n", "one", "-f", "-", stdin=claim)
        events = ("get", "events.events.k8s.io", "-n", "one", "-o", "jsonpath={..regarding.name}")
        eventually(lambda: rival in installed.kubectl(*events), "an Event about the rival")
        installed.kubectl("delete", "cws", rival, "-n", "one", "--timeout=60s")
        assert container.stop() == 0, container.log()
    if namespaces:
        assert not synced(installed, "two"), "not asked to look there"
    for name in ("one", "two"):  # what it holds would never be let go by a catalog that is gone
        installed.kubectl(
            "patch", "cws", f"loft-{name}", "-n", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}'
        )
        installed.kubectl("delete", "cws", f"loft-{name}", "-n", name)


def test_new_spaces_have_the_finalizer_where_an_operator_looks(installed: Cluster) -> None:
    def finalizers(namespace: str, **metadata: Any) -> str:
        resource = space("guarded")
        resource["metadata"] |= metadata
        words = ("create", "--dry-run=server", "-n", namespace, "-f", "-", "-o", "jsonpath={.metadata.finalizers}")
        return installed.kubectl(*words, stdin=json.dumps(resource))

    done(installed, "upgrade", "mesto", str(CHART), *TRIAL, "--set-json", 'operator.namespaces=["one"]')
    eventually(lambda: not finalizers("two"), "the other namespace is left alone")
    assert finalizers("one") == '["mesto.dev/space"]'
    assert finalizers("one", finalizers=["example.org/a"]) == '["example.org/a","mesto.dev/space"]'
    assert finalizers("one", finalizers=["mesto.dev/space"]) == '["mesto.dev/space"]'
    done(installed, "upgrade", "mesto", str(CHART), *TRIAL)
    eventually(lambda: finalizers("two") == '["mesto.dev/space"]', "every namespace has it")


def synced(stage: Cluster, name: str) -> bool:
    found = resource(stage, "cws", f"loft-{name}", name)
    return conditions(found).get("Synced", {}).get("status") == "True"


def test_uninstalled_leaves_what_holds_data(installed: Cluster) -> None:
    installed.kubectl("apply", "--server-side", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(space("loft")))
    before = secrets(installed)
    done(installed, "uninstall", "mesto")
    assert CRD in installed.kubectl("get", "crd", "-o", "name")
    assert "loft" in installed.kubectl("get", "cws", "-n", NAMESPACE)
    assert secrets(installed) == before
    assert not installed.kubectl("get", "deployments,services,networkpolicies", "-n", NAMESPACE, "-o", "name")
    done(installed, "install", "mesto", str(CHART), *TRIAL)
    assert secrets(installed) == before


def test_make_up_with_a_cluster_of_ones_own_installs_where_kubectl_points(installed: Cluster) -> None:
    settings = {"KUBECONFIG": str(installed.kubeconfig), "MESTO_CLUSTER": "current", "MESTO_WAIT": "no"}
    settings |= {"MESTO_IMAGE_PREFIX": "registry.example.org", "MESTO_IMAGE_TAG": "7"}

    def make(word: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(DEPLOY), **settings}
        command = [sys.executable, "-m", "mestolocal", word]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    up = make("up")
    assert up.returncode == 0, up.stderr
    assert "port-forward svc/mesto-gateway 8080:80" in up.stdout
    images = {pod["spec"]["containers"][0]["image"] for pod in pods(manifests(installed)).values()}
    assert "registry.example.org/mesto/service:7" in images
    status = make("status")
    assert status.returncode == 1
    assert "There is no pod of Mesto" in status.stderr
    assert make("clean").returncode == 1
    assert make("down").returncode == 0
    assert not installed.kubectl("get", "deployments", "-n", NAMESPACE, "-o", "name")
