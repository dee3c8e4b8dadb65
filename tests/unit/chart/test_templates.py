"""What the chart renders, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from mestolocal.paths import REPO
from mestolocal.ports import SERVICES, fixed_ports
from mestolocal.secrets import Secrets
from mestolocal.services import CELERY_SERVICES, Wiring, service_environment
from mestolocal.sessions import service_urls
from support.chart import (
    CELERY,
    PRODUCTION,
    TRIAL,
    Manifest,
    containers,
    environment,
    of_kind,
    pods,
    render,
    roles,
    selected,
    template,
)


def test_every_process_is_there(manifests: list[Manifest]) -> None:
    assert sorted(CELERY_SERVICES) == sorted(CELERY)
    celery = {f"mesto-{name}-{process}" for name in CELERY for process in ("worker", "beat")}
    assert (
        set(of_kind(manifests, "Deployment"))
        == {f"mesto-{name}" for name in (*SERVICES, "operator", "scrapyd", "gateway", "toolbox")} | celery
    )
    assert list(of_kind(manifests, "Job")) == ["mesto-migrate-1"]


def test_every_pod_is_restricted(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not any("hostPath" in volume for volume in pod["spec"]["volumes"])
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_every_container_has_limits_and_every_server_its_probes(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        for container in containers(pod):
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]
        if "migrate" in name or "toolbox" in name:
            continue
        (server,) = pod["spec"]["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(server)
        if "httpGet" in server["livenessProbe"]:
            assert server["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "internal"}
            assert server["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "internal"}
        wait = server.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod["spec"]["terminationGracePeriodSeconds"] > wait


def test_accounts_are_separate_and_only_the_operator_is_known_to_the_api_server(manifests: list[Manifest]) -> None:
    accounts = [pod["spec"]["serviceAccountName"] for pod in pods(manifests).values()]
    assert len(set(accounts)) == len(accounts)
    assert set(accounts) == set(of_kind(manifests, "ServiceAccount"))
    tokens = {name for name, pod in pods(manifests).items() if pod["spec"]["automountServiceAccountToken"]}
    assert tokens == {"mesto-operator"}
    # Kubernetes would set MESTO_OPERATOR_PORT=tcp://… for the Service of that name.
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in pods(manifests).values())


def test_selectors_take_their_own_pods_and_no_others(manifests: list[Manifest]) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(manifests).items()}

    def taken(selector: dict[str, Any]) -> set[str]:
        return {name for name, own_labels in labels.items() if selected(selector, own_labels)}

    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
        for name, manifest in of_kind(manifests, kind).items():
            assert taken(manifest["spec"]["selector"]) == {name}
    for name, service in of_kind(manifests, "Service").items():
        assert taken({"matchLabels": service["spec"]["selector"]}) == {name}
        (server,) = pods(manifests)[name]["spec"]["containers"]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= {port["name"] for port in server["ports"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_what_the_local_platform_tells_it(
    manifests: list[Manifest], service: str, tmp_path: Path
) -> None:
    secrets = Secrets(tmp_path)
    wiring = Wiring(
        state=tmp_path,
        ports=fixed_ports({}),
        secrets=secrets,
        database_urls=service_urls(1, "mesto", dict.fromkeys(roles(), "x")),
        broker_urls=dict.fromkeys(SERVICES, "amqp://"),
        platform_config=tmp_path,
    )
    expected = {name for name in service_environment(wiring, service) if name.startswith("MESTO_")}
    (server,) = pods(manifests)[f"mesto-{service}"]["spec"]["containers"]
    assert expected <= set(environment(server))


def test_services_wait_for_the_schema_as_themselves(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        labels = pod["metadata"]["labels"]
        if labels["mesto.dev/process"] in ("api", "worker"):
            (wait,) = pod["spec"]["initContainers"]
            assert wait["args"][-2:] == ["--wait", labels["mesto.dev/service"]], name


def test_web_services_scale_and_leave_replicas_alone(production: list[Manifest]) -> None:
    web = {f"mesto-{name}" for name in (*SERVICES, "gateway")}
    assert set(of_kind(production, "HorizontalPodAutoscaler")) == web
    for name, deployment in of_kind(production, "Deployment").items():
        assert ("replicas" in deployment["spec"]) == (name not in web)
        if name == "mesto-toolbox":
            continue
        single = name.endswith(("-beat", "-scrapyd"))
        assert (deployment["spec"]["strategy"]["type"] == "Recreate") == single
        assert not single or deployment["spec"]["replicas"] == 1
        assert name != "mesto-operator" or deployment["spec"]["replicas"] == 2


def test_scrapyds_queue_is_kept_when_it_has_storage(trial: list[Manifest]) -> None:
    assert not of_kind(trial, "PersistentVolumeClaim")
    kept = render(*TRIAL, "--set", "scrapyd.storage=1Gi")
    assert of_kind(kept, "PersistentVolumeClaim")["mesto-scrapyd"]["spec"]["resources"]["requests"] == {
        "storage": "1Gi"
    }
    volumes = {volume["name"]: volume for volume in pods(kept)["mesto-scrapyd"]["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"] == {"claimName": "mesto-scrapyd"}


def test_crds_are_ours_and_stay(trial: list[Manifest]) -> None:
    ours = {}
    for file in (REPO / "crds").glob("*.yaml"):
        crd = yaml.safe_load(file.read_text("utf-8"))
        ours[crd["metadata"]["name"]] = crd
    found = of_kind(trial, "CustomResourceDefinition")
    assert set(found) == set(ours)
    for name, crd in found.items():
        assert crd["spec"] == ours[name]["spec"]
        assert crd["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert not of_kind(render(*TRIAL, "--set", "crds.install=false"), "CustomResourceDefinition")


def test_the_operators_rights_are_those_of_the_local_platform(trial: list[Manifest]) -> None:
    documents = yaml.safe_load_all((REPO / "deploy/kubernetes/operator-rbac.yaml").read_text("utf-8"))
    by_kind = {document["kind"]: document for document in documents}
    local, lease = by_kind["ClusterRole"], by_kind["Role"]["rules"]
    (role,) = [role for name, role in of_kind(trial, "ClusterRole").items() if name.endswith("-operator")]
    key = lambda rule: str(rule["resources"])  # noqa: E731
    assert sorted(role["rules"], key=key) == sorted(local["rules"], key=key)
    bounded = render(*TRIAL, "--set", "operator.namespaces={one,two}")
    assert not [name for name in of_kind(bounded, "ClusterRole") if name.endswith("-operator")]
    own = of_kind(bounded, "Role")["mesto-operator-lease"]
    assert (own["rules"], own["metadata"]["namespace"]) == (
        lease,
        of_kind(bounded, "Deployment")["mesto-operator"]["metadata"]["namespace"],
    )
    roles = [manifest for manifest in bounded if manifest["kind"] == "Role" and manifest is not own]
    assert [role["metadata"]["namespace"] for role in roles] == ["one", "two"]
    assert {group for role in roles for rule in role["rules"] for group in rule["apiGroups"]} == {
        *("mesto.dev", "", "events.k8s.io"),
    }


def test_alerts_and_the_dashboard_are_the_files_of_dashboards(production: list[Manifest]) -> None:
    alerts = yaml.safe_load((REPO / "dashboards/alerts.yml").read_text("utf-8"))
    assert of_kind(production, "PrometheusRule")["mesto-alerts"]["spec"] == alerts
    told = render(*PRODUCTION, "--set", "monitoring.runbooks=https://docs.example.org/run")
    rules = of_kind(told, "PrometheusRule")["mesto-alerts"]["spec"]["groups"][0]["rules"]
    assert {rule["annotations"]["runbook_url"].partition("#")[0] for rule in rules} == {"https://docs.example.org/run"}
    dashboard = of_kind(production, "ConfigMap")["mesto-dashboard"]["data"]["mesto-overview.json"]
    assert dashboard.strip() == (REPO / "dashboards/overview.json").read_text("utf-8").strip()


def test_the_trials_cities_are_those_of_the_example(trial: list[Manifest]) -> None:
    example = yaml.safe_load((REPO / "examples/platformconfig.yaml").read_text("utf-8"))
    shown = yaml.safe_load(of_kind(trial, "ConfigMap")["mesto-platform"]["data"]["platformconfig.yaml"])
    assert shown["spec"]["geo"] == example["spec"]["geo"]


def test_a_changed_policy_or_secret_starts_pods_anew() -> None:
    chosen = "internalKeys.existingSecret=c,authKeys.existingSecret=d,database.existingSecret=a"
    known = ("--set", f"{chosen},scrapyd.existingSecret=e")
    notes = [
        pods(render(*TRIAL, *known, "--set", words))["mesto-booking"]["metadata"]["annotations"]
        for words in ("broker.existingSecret=b", "broker.existingSecret=b,platformConfig.booking.holdMinutes=16")
    ]
    assert notes[0]["mesto.dev/config"] != notes[1]["mesto.dev/config"]
    assert notes[0]["mesto.dev/secrets"] == notes[1]["mesto.dev/secrets"]
    generated = pods(render(*TRIAL, *known))["mesto-booking"]["metadata"]["annotations"]
    assert generated["mesto.dev/secrets"] != notes[0]["mesto.dev/secrets"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("replicas=2", "additional properties 'replicas' not allowed"),
        ("services.auth.replica=2", "additional properties 'replica' not allowed"),
        ("image.pullPolicy=Sometimes", "value must be one of 'Always', 'IfNotPresent', 'Never'"),
        ("defaults.resources.limits=null", "missing property 'limits'"),
        ("ingress.enabled=true", "ingress.enabled needs ingress.host"),
        ("rabbitmq.enabled=false", "RabbitMQ is external: set broker.existingSecret"),
        ("postgresql.enabled=false", "PostgreSQL is external: set database.existingSecret"),
        ("database.sslMode=maybe", "value must be one of 'disable', 'prefer'"),
    ],
)
def test_bad_values_are_refused_with_a_sentence(words: str, said: str) -> None:
    done = template(*TRIAL, "--set", "secrets.offline=true", "--set", words)
    assert done.returncode != 0
    assert said in done.stderr


MUTATING = ("--api-versions", "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy")


def test_finalizers_are_the_api_servers_work_where_it_can_and_only_where_an_operator_looks() -> None:
    everywhere = of_kind(render(*TRIAL, *MUTATING), "MutatingAdmissionPolicyBinding")["mesto-mesto-finalizers"]
    assert "matchResources" not in everywhere["spec"]
    told = ("--set-json", 'operator.namespaces=["one","two"]')
    some = of_kind(render(*TRIAL, *MUTATING, *told), "MutatingAdmissionPolicyBinding")["mesto-mesto-finalizers"]
    (expression,) = some["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert expression == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["one", "two"]}
    for without in (TRIAL, (*TRIAL, *MUTATING, "--set", "finalizers.enabled=false")):
        assert not of_kind(render(*without), "MutatingAdmissionPolicy")
