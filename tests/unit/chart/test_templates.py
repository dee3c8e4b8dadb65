"""What the chart renders, without a cluster."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from mesto.auth.keys.service import SigningKeys
from mesto.common.http.client_address import networks, parse
from mesto.common.identity.signing import CallerAuth
from mesto.common.identity.tokens import InternalVerifier
from mesto.common.messaging import broker_rights
from mesto.common.settings import CommonSettings
from mestolocal.gateway import Limits
from mestolocal.paths import REPO
from mestolocal.ports import SERVICES, fixed_ports
from mestolocal.secrets import CALLERS, Secrets
from mestolocal.services import CELERY_SERVICES, Wiring, service_environment
from mestolocal.sessions import service_urls
from support.chart import (
    CHART,
    PRODUCTION,
    TRIAL,
    Manifest,
    containers,
    edges,
    environment,
    of,
    pods,
    render,
    selected,
    template,
)

# Services with a worker and a beat in the chart.
CELERY = tuple(yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))["celery"])
PROFILES = {"trial": TRIAL, "production": PRODUCTION}


@pytest.fixture(scope="module", params=PROFILES)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return render(*PROFILES[request.param])


@pytest.fixture(scope="module")
def trial() -> list[Manifest]:
    return render(*TRIAL)


@pytest.fixture(scope="module")
def production() -> list[Manifest]:
    return render(*PRODUCTION)


def test_every_process_is_there(manifests: list[Manifest]) -> None:
    assert sorted(CELERY_SERVICES) == sorted(CELERY)
    celery = {f"mesto-{name}-{process}" for name in CELERY for process in ("worker", "beat")}
    assert (
        set(of(manifests, "Deployment"))
        == {f"mesto-{name}" for name in (*SERVICES, "operator", "scrapyd", "gateway", "toolbox")} | celery
    )
    assert list(of(manifests, "Job")) == ["mesto-migrate-1"]


def test_every_pod_is_restricted(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not any("hostPath" in volume for volume in pod["spec"]["volumes"])
        for one in containers(pod):
            assert one["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "/tmp" in [mount["mountPath"] for mount in one["volumeMounts"]]


def test_every_container_has_limits_and_every_server_its_probes(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        for one in containers(pod):
            assert {"cpu", "memory"} <= set(one["resources"]["requests"])
            assert "memory" in one["resources"]["limits"]
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
    assert set(accounts) == set(of(manifests, "ServiceAccount"))
    tokens = {name for name, pod in pods(manifests).items() if pod["spec"]["automountServiceAccountToken"]}
    assert tokens == {"mesto-operator"}
    # Kubernetes would set MESTO_OPERATOR_PORT=tcp://… for the Service of that name.
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in pods(manifests).values())


def test_selectors_take_their_own_pods_and_no_others(manifests: list[Manifest]) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(manifests).items()}

    def taken(selector: dict[str, Any]) -> set[str]:
        return {name for name, one in labels.items() if selected(selector, one)}

    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
        for name, one in of(manifests, kind).items():
            assert taken(one["spec"]["selector"]) == {name}
    for name, service in of(manifests, "Service").items():
        assert taken({"matchLabels": service["spec"]["selector"]}) == {name}
        (server,) = pods(manifests)[name]["spec"]["containers"]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= {port["name"] for port in server["ports"]}


def test_no_secret_is_a_literal(trial: list[Manifest]) -> None:
    passwords = [
        b64decode(value).decode()
        for secret in of(trial, "Secret").values()
        for key, value in secret["data"].items()
        if key.endswith("password")
    ]
    assert len(passwords) == 2 * len(SERVICES) + 3
    assert len(set(passwords)) == len(passwords)
    others = yaml.safe_dump_all([one for one in trial if one["kind"] != "Secret"])
    assert not any(password in others for password in passwords)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_what_the_local_platform_tells_it(
    manifests: list[Manifest], service: str, tmp_path: Path
) -> None:
    secrets = Secrets(tmp_path)
    wiring = Wiring(
        state=tmp_path,
        ports=fixed_ports({}),
        secrets=secrets,
        database_urls=service_urls(1, "mesto", dict.fromkeys(_roles(), "x")),
        broker_urls=dict.fromkeys(SERVICES, "amqp://"),
        platform_config=tmp_path,
    )
    wanted = {name for name in service_environment(wiring, service) if name.startswith("MESTO_")}
    (server,) = pods(manifests)[f"mesto-{service}"]["spec"]["containers"]
    assert wanted <= set(environment(server))


def _roles() -> list[str]:
    return [f"mesto_{service}{end}" for service in SERVICES for end in ("", "_owner")]


def test_a_process_has_its_own_database_role_and_private_key_only(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        service = pod["metadata"]["labels"].get("mesto.dev/service", "")
        process = pod["metadata"]["labels"]["mesto.dev/process"]
        if process in ("migrate", "postgresql", "rabbitmq"):
            continue
        keys = {key for one in containers(pod) for _, key in filter(_is_pair, environment(one).values())}
        urls = {key for key in keys if key.endswith("-url")}
        assert urls == ({f"{service}-url"} if process in ("api", "worker") else set()), name
        mounted = [item["path"] for volume in pod["spec"]["volumes"] for item in _items(volume)]
        private = [path for path in mounted if path.endswith(".key.pem")]
        signing = ("api", "worker", "operator", "scrapyd", "toolbox")
        assert private == ([f"{service}.key.pem"] if process in signing else [])
        assert ("auth-keys" in [volume["name"] for volume in pod["spec"]["volumes"]]) == (name == "mesto-auth")


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple)


def _items(volume: Manifest) -> list[dict[str, str]]:
    items: list[dict[str, str]] = volume.get("secret", {}).get("items", [])
    return items


def test_services_wait_for_the_schema_as_themselves(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        labels = pod["metadata"]["labels"]
        if labels["mesto.dev/process"] in ("api", "worker"):
            (wait,) = pod["spec"]["initContainers"]
            assert wait["args"][-2:] == ["--wait", labels["mesto.dev/service"]], name


def test_generated_keys_are_pairs_and_sign_calls(trial: list[Manifest], tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    for key, value in of(trial, "Secret")["mesto-internal-keys"]["data"].items():
        (folder / key).write_bytes(b64decode(value))
    verifier = InternalVerifier(folder, "catalog")
    for caller in CALLERS:
        auth = CallerAuth(CommonSettings(internal_key_dir=folder), caller, "catalog")
        assert verifier.caller(auth.token("GET", "/internal/x"), "GET", "/internal/x") == caller
    (tmp_path / "0001.pem").write_bytes(b64decode(of(trial, "Secret")["mesto-auth-keys"]["data"]["0001.pem"]))
    assert isinstance(load_pem_private_key((tmp_path / "0001.pem").read_bytes(), None), Ed25519PrivateKey)
    assert SigningKeys(tmp_path).current == "0001"


def test_each_service_has_a_user_of_its_own_at_the_bundled_broker(trial: list[Manifest]) -> None:
    secret = {key: b64decode(value).decode() for key, value in of(trial, "Secret")["mesto-broker"]["data"].items()}
    document = json.loads(secret["definitions.json"])
    administrator = {"name": "mesto", "password": secret["password"], "tags": "administrator"}
    assert administrator in document["users"]
    passwords = {service: secret[f"password-{service}"] for service in SERVICES}
    assert len({*passwords.values(), secret["password"]}) == len(SERVICES) + 1
    wanted = broker_rights.definitions("mesto", passwords)
    document["users"].remove(administrator)
    mine = [one for one in document["permissions"] if one["user"] == "mesto"]
    document["permissions"] = [one for one in document["permissions"] if one["user"] != "mesto"]
    assert (document, len(mine)) == (wanted, 1)
    for service in SERVICES:
        assert secret[f"url-{service}"] == f"amqp://mesto_{service}:{passwords[service]}@mesto-rabbitmq:5672/mesto"
    told = {
        name: environment(one)["MESTO_BROKER_URL"]
        for name, pod in pods(trial).items()
        for one in containers(pod)
        if "MESTO_BROKER_URL" in environment(one)
    }
    assert told == {name: ("mesto-broker", f"url-{name.split('-')[1]}") for name in told}
    (broker,) = of(trial, "StatefulSet")["mesto-rabbitmq"]["spec"]["template"]["spec"]["containers"]
    assert {"/etc/rabbitmq/mesto", "/etc/rabbitmq/conf.d/90-mesto.conf"} <= {
        mount["mountPath"] for mount in broker["volumeMounts"]
    }


def test_a_brokers_secret_of_ones_own_may_have_a_url_for_all_or_one_each() -> None:
    for own, key in (("false", "url"), ("true", "url-geo")):
        manifests = render(*PRODUCTION, "--set", f"broker.perService={own}")
        (geo,) = pods(manifests)["mesto-geo"]["spec"]["containers"]
        assert environment(geo)["MESTO_BROKER_URL"] == ("mq", key)


def test_existing_secrets_are_used_and_nothing_is_generated() -> None:
    chosen = "database.existingSecret=a,broker.existingSecret=b,internalKeys.existingSecret=c,authKeys.existingSecret=d"
    chosen += ",scrapyd.existingSecret=e"
    manifests = render(*TRIAL, "--set", chosen)
    assert not of(manifests, "Secret")
    used = set()
    for pod in pods(manifests).values():
        used |= {value[0] for one in containers(pod) for value in environment(one).values() if _is_pair(value)}
        used |= {volume["secret"]["secretName"] for volume in pod["spec"]["volumes"] if "secret" in volume}
    assert used == {"a", "b", "c", "d", "e"}


def test_without_a_cluster_nothing_is_generated_silently() -> None:
    done = template(*TRIAL)
    assert done.returncode != 0
    assert "so secrets that exist cannot be kept" in done.stderr
    assert template(*TRIAL, "--set", "secrets.generate=false").returncode == 0


def test_an_external_database_with_an_administrator_gets_its_roles_from_the_job() -> None:
    manifests = render(
        *("-f", str(CHART / "values-production.yaml"), "--set", "ingress.host=m.example.org"),
        *("--set", "database.host=db.example.org,database.adminSecret=admin,broker.existingSecret=mq"),
    )
    (roles,) = pods(manifests)["mesto-migrate-1"]["spec"]["initContainers"]
    assert environment(roles)["MESTO_ADMIN_DATABASE_URL"] == ("admin", "admin-url")
    assert environment(roles)["PGSSLMODE"] == "verify-full"
    url = b64decode(of(manifests, "Secret")["mesto-database"]["data"]["geo-url"]).decode()
    assert url.startswith("postgresql+asyncpg://mesto_geo:")
    assert url.endswith("@db.example.org:5432/mesto")


def test_the_edges_are_these_and_each_has_both_ends(trial: list[Manifest]) -> None:
    apis, workers = set(SERVICES), {f"{name}-worker" for name in CELERY}
    beats = {f"{name}-beat" for name in CELERY}
    table = {("gateway", service, 8000) for service in apis}
    table |= {(one, "auth", 8001) for one in apis}
    table |= {("catalog", "booking", 8001)}
    table |= {(worker, service, 8001) for worker in workers for service in apis}
    table |= {("operator", service, 8001) for service in (*apis, "scrapyd")}
    table |= {("scrapyd", "catalog", 8001)}
    table |= {("toolbox", service, 8001) for service in apis}
    table |= {(one, "postgresql", 5432) for one in (*apis, *workers, "migrate-1")}
    table |= {(one, "rabbitmq", 5672) for one in (*apis, *workers, *beats)}
    inside = {(f"mesto-{one}", f"mesto-{other}", port) for one, other, port in table}
    out, into = set(edges(trial, "egress")), {(two, one, port) for one, two, port in edges(trial, "ingress")}
    assert {edge for edge in out if edge[1] != "outside"} == inside
    assert {edge for edge in into if edge[0] != "outside"} == inside
    assert {edge for edge in into if edge[0] == "outside"} == {("outside", "mesto-gateway", 8080)}
    beyond = {edge for edge in out if edge[1] == "outside" and edge[2] != 53}
    api_server = {("mesto-operator", "outside", port) for port in (80, 443, 6443)}
    sites = {("mesto-scrapyd", "outside", port) for port in (80, 443)}
    assert beyond == {*api_server, *sites, ("mesto-notifications-worker", "outside", 25)}
    assert {edge[0] for edge in out if edge[2] == 53} == set(pods(trial))
    deny = of(trial, "NetworkPolicy")["mesto-default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_internal_ports_have_tls_where_it_is_asked_for() -> None:
    manifests = render(*PRODUCTION, "--set", "internalTls.enabled=true,internalTls.issuerRef.name=ca")
    (certificate,) = (one["spec"] for one in of(manifests, "Certificate").values())
    assert certificate["issuerRef"] == {"name": "ca", "kind": "Issuer", "group": "cert-manager.io"}
    assert certificate["secretName"] == "mesto-internal-tls"
    scraped = of(manifests, "PodMonitor")["mesto-processes"]["spec"]["podMetricsEndpoints"]
    kept = {one["port"]: one["relabelings"][0]["regex"] for one in scraped}
    assert kept == {"internal": "worker|beat|operator|scrapyd", "probes": "api"}
    names = {f"mesto-{service}" for service in SERVICES}
    assert names <= set(certificate["dnsNames"])
    assert {edge[0] for edge in edges(manifests, "ingress") if edge[1:] == ("outside", 8002)} == names
    calling = {name: pod for name, pod in pods(manifests).items() if "mesto-migrate" not in name}
    for name in set(calling) - {"mesto-gateway"}:
        (main,) = calling[name]["spec"]["containers"]
        _check_internal_tls(calling[name], main, serves=name in names)


def _check_internal_tls(pod: Manifest, main: Manifest, *, serves: bool) -> None:
    folder, told = "/etc/mesto/internal-tls", environment(main)
    assert told["MESTO_GEO_INTERNAL_URL"] == "https://mesto-geo:8001"
    assert told["MESTO_INTERNAL_TLS_CA"] == f"{folder}/ca.crt"
    assert told.get("MESTO_INTERNAL_TLS_KEY") == (f"{folder}/tls.key" if serves else None)
    (secret,) = (one["secret"] for one in pod["spec"]["volumes"] if one["name"] == "internal-tls")
    wanted = {"ca.crt", "tls.crt", "tls.key"} if serves else {"ca.crt"}
    assert (secret["secretName"], {item["path"] for item in secret["items"]}) == ("mesto-internal-tls", wanted)
    assert folder in [mount["mountPath"] for mount in main["volumeMounts"]]
    if serves:
        assert told["MESTO_PROBE_PORT"] == "8002"
        probes = [main[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
        assert probes == ["probes"] * 3


def test_internal_tls_takes_a_secret_that_is_there() -> None:
    manifests = render(*PRODUCTION, "--set", "internalTls.enabled=true,internalTls.secretName=own")
    assert of(manifests, "Certificate") == {}
    (secret,) = (one for one in pods(manifests)["mesto-operator"]["spec"]["volumes"] if one["name"] == "internal-tls")
    assert secret["secret"]["secretName"] == "own"


def test_prometheus_reaches_every_process_in_production(production: list[Manifest]) -> None:
    reached = {edge[0] for edge in edges(production, "ingress") if edge[1] == "outside" and edge[2] == 8001}
    assert reached == set(pods(production)) - {"mesto-gateway", "mesto-migrate-1", "mesto-toolbox"}


def test_web_services_scale_and_leave_replicas_alone(production: list[Manifest]) -> None:
    web = {f"mesto-{name}" for name in (*SERVICES, "gateway")}
    assert set(of(production, "HorizontalPodAutoscaler")) == web
    for name, deployment in of(production, "Deployment").items():
        assert ("replicas" in deployment["spec"]) == (name not in web)
        if name == "mesto-toolbox":
            continue
        single = name.endswith(("-beat", "-scrapyd"))
        assert (deployment["spec"]["strategy"]["type"] == "Recreate") == single
        assert not single or deployment["spec"]["replicas"] == 1
        assert name != "mesto-operator" or deployment["spec"]["replicas"] == 2


def test_the_ingress_leads_to_the_gateway_only(production: list[Manifest]) -> None:
    (ingress,) = of(production, "Ingress").values()
    backends = [path["backend"]["service"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    assert backends == [{"name": "mesto-gateway", "port": {"name": "http"}}]
    assert ingress["spec"]["tls"] == [{"hosts": ["mesto.example.org"], "secretName": "tls"}]
    (auth,) = pods(production)["mesto-auth"]["spec"]["containers"]
    assert environment(auth)["MESTO_SECURE_COOKIES"] == "true"
    assert environment(auth)["MESTO_PUBLIC_URL"] == "https://mesto.example.org"


def told_gateway(manifests: list[Manifest]) -> dict[str, Any]:
    (gateway,) = pods(manifests)["mesto-gateway"]["spec"]["containers"]
    return environment(gateway)


def test_the_gateway_counts_by_the_true_client_and_speaks_of_tls_where_there_is_some(
    trial: list[Manifest], production: list[Manifest]
) -> None:
    here, behind = told_gateway(trial), told_gateway(production)
    assert here["MESTO_GATEWAY_TRUSTED"] == ""  # nobody stands before it
    assert behind["MESTO_GATEWAY_TRUSTED"].startswith("10.0.0.0/8,")  # an Ingress controller does
    assert "MESTO_GATEWAY_HSTS" not in here
    assert (behind["MESTO_GATEWAY_SCHEME"], behind["MESTO_GATEWAY_HSTS"]) == ("https", "max-age=31536000")
    assert (behind["MESTO_LIMIT_REGISTER"], behind["MESTO_LIMIT_REQUESTS"]) == ("10", "3000")
    limits = asdict(Limits())
    assert {name: int(behind[f"MESTO_LIMIT_{name.upper()}"]) for name in limits} == limits
    own = told_gateway(render(*PRODUCTION, "--set", "trustedProxies.gateway={198.51.100.0/24,2001:db8::/32}"))
    assert own["MESTO_GATEWAY_TRUSTED"] == "198.51.100.0/24,2001:db8::/32"


def test_services_believe_the_gateways_pods_about_addresses(production: list[Manifest]) -> None:
    for service in SERVICES:
        (api,) = pods(production)[f"mesto-{service}"]["spec"]["containers"]
        trusted = networks(environment(api)["MESTO_TRUSTED_PROXIES"])
        assert any(parse("10.7.7.7") in network for network in trusted)
        assert not any(parse("198.51.100.7") in network for network in trusted)


def test_spiders_reach_the_public_internet_alone_and_the_operator_knows_scrapyds_password(
    production: list[Manifest],
) -> None:
    policy = of(production, "NetworkPolicy")["mesto-spiders-sites-out"]["spec"]
    (peer,) = policy["egress"][0]["to"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(peer["ipBlock"]["except"])
    told = {
        name: environment(one)
        for name, pod in pods(production).items()
        for one in containers(pod)
        if "MESTO_SCRAPYD_PASSWORD" in environment(one)
    }
    assert set(told) == {"mesto-operator", "mesto-scrapyd"}
    assert {one["MESTO_SCRAPYD_PASSWORD"] for one in told.values()} == {("mesto-scrapyd", "password")}
    assert told["mesto-operator"]["MESTO_SCRAPYD_URL"] == "http://mesto-scrapyd:8001"


def test_scrapyds_queue_is_kept_when_it_has_storage(trial: list[Manifest]) -> None:
    assert not of(trial, "PersistentVolumeClaim")
    kept = render(*TRIAL, "--set", "scrapyd.storage=1Gi")
    assert of(kept, "PersistentVolumeClaim")["mesto-scrapyd"]["spec"]["resources"]["requests"] == {"storage": "1Gi"}
    volumes = {volume["name"]: volume for volume in pods(kept)["mesto-scrapyd"]["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"] == {"claimName": "mesto-scrapyd"}


def test_crds_are_ours_and_stay(trial: list[Manifest]) -> None:
    ours = {}
    for file in (REPO / "crds").glob("*.yaml"):
        crd = yaml.safe_load(file.read_text("utf-8"))
        ours[crd["metadata"]["name"]] = crd
    found = of(trial, "CustomResourceDefinition")
    assert set(found) == set(ours)
    for name, crd in found.items():
        assert crd["spec"] == ours[name]["spec"]
        assert crd["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert not of(render(*TRIAL, "--set", "crds.install=false"), "CustomResourceDefinition")


def test_the_operators_rights_are_those_of_the_local_platform(trial: list[Manifest]) -> None:
    documents = yaml.safe_load_all((REPO / "deploy/kubernetes/operator-rbac.yaml").read_text("utf-8"))
    by_kind = {one["kind"]: one for one in documents}
    local, lease = by_kind["ClusterRole"], by_kind["Role"]["rules"]
    (role,) = [one for name, one in of(trial, "ClusterRole").items() if name.endswith("-operator")]
    key = lambda rule: str(rule["resources"])  # noqa: E731
    assert sorted(role["rules"], key=key) == sorted(local["rules"], key=key)
    bounded = render(*TRIAL, "--set", "operator.namespaces={one,two}")
    assert not [name for name in of(bounded, "ClusterRole") if name.endswith("-operator")]
    own = of(bounded, "Role")["mesto-operator-lease"]
    assert (own["rules"], own["metadata"]["namespace"]) == (
        lease,
        of(bounded, "Deployment")["mesto-operator"]["metadata"]["namespace"],
    )
    roles = [one for one in bounded if one["kind"] == "Role" and one is not own]
    assert [one["metadata"]["namespace"] for one in roles] == ["one", "two"]
    assert {group for one in roles for rule in one["rules"] for group in rule["apiGroups"]} == {
        *("mesto.dev", "", "events.k8s.io"),
    }


def test_alerts_and_the_dashboard_are_the_files_of_dashboards(production: list[Manifest]) -> None:
    alerts = yaml.safe_load((REPO / "dashboards/alerts.yml").read_text("utf-8"))
    assert of(production, "PrometheusRule")["mesto-alerts"]["spec"] == alerts
    told = render(*PRODUCTION, "--set", "monitoring.runbooks=https://docs.example.org/run")
    rules = of(told, "PrometheusRule")["mesto-alerts"]["spec"]["groups"][0]["rules"]
    assert {rule["annotations"]["runbook_url"].partition("#")[0] for rule in rules} == {"https://docs.example.org/run"}
    dashboard = of(production, "ConfigMap")["mesto-dashboard"]["data"]["mesto-overview.json"]
    assert dashboard.strip() == (REPO / "dashboards/overview.json").read_text("utf-8").strip()


def test_the_trials_cities_are_those_of_the_example(trial: list[Manifest]) -> None:
    example = yaml.safe_load((REPO / "examples/platformconfig.yaml").read_text("utf-8"))
    shown = yaml.safe_load(of(trial, "ConfigMap")["mesto-platform"]["data"]["platformconfig.yaml"])
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
    everywhere = of(render(*TRIAL, *MUTATING), "MutatingAdmissionPolicyBinding")["mesto-mesto-finalizers"]
    assert "matchResources" not in everywhere["spec"]
    told = ("--set-json", 'operator.namespaces=["one","two"]')
    some = of(render(*TRIAL, *MUTATING, *told), "MutatingAdmissionPolicyBinding")["mesto-mesto-finalizers"]
    (wanted,) = some["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert wanted == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["one", "two"]}
    for without in (TRIAL, (*TRIAL, *MUTATING, "--set", "finalizers.enabled=false")):
        assert not of(render(*without), "MutatingAdmissionPolicy")


def test_mails_go_out_by_tls_with_user_and_password_of_a_secret() -> None:
    told = "mail.smtp.existingSecret=smtp,mail.smtp.caSecret=smtp-ca,mail.smtp.usernameKey=user"
    found = pods(render(*PRODUCTION, "--set", told))
    (worker,) = found["mesto-notifications-worker"]["spec"]["containers"]
    given = environment(worker)
    assert given["MESTO_NOTIFICATIONS_SMTP_USERNAME"] == ("smtp", "user")
    assert given["MESTO_NOTIFICATIONS_SMTP_PASSWORD"] == ("smtp", "password")
    assert (given["MESTO_NOTIFICATIONS_SMTP_TLS"], given["MESTO_NOTIFICATIONS_SMTP_PORT"]) == ("starttls", "587")
    ca = given["MESTO_NOTIFICATIONS_SMTP_CA"]
    mounted = {one["name"]: one["mountPath"] for one in worker["volumeMounts"]}
    assert ca == f"{mounted['mail-ca']}/ca.crt"
    # Only the worker sends; nobody else gets the password.
    others = [
        environment(one) for name, pod in found.items() if "notifications-worker" not in name for one in containers(pod)
    ]
    assert not any("MESTO_NOTIFICATIONS_SMTP_PASSWORD" in one for one in others)


def test_a_password_for_mails_needs_tls() -> None:
    done = template(
        *TRIAL, "--set", "secrets.offline=true,mail.smtp.host=smtp,mail.smtp.existingSecret=smtp,mail.smtp.tls=none"
    )
    assert done.returncode != 0
    assert "set mail.smtp.tls to starttls or implicit" in done.stderr


def test_the_toolbox_has_the_key_of_the_command_and_no_other_and_rests(manifests: list[Manifest]) -> None:
    toolbox = of(manifests, "Deployment")["mesto-toolbox"]
    assert toolbox["spec"]["replicas"] == 0
    pod = toolbox["spec"]["template"]
    (keys,) = [one["secret"] for one in pod["spec"]["volumes"] if one["name"] == "keys"]
    assert [one["key"] for one in keys["items"] if one["key"].endswith(".key.pem")] == ["cli.key.pem"]
    (container,) = containers(pod)
    told = {one["name"] for one in container["env"]}
    assert {f"MESTO_{service.upper()}_INTERNAL_URL" for service in SERVICES} <= told
    assert not [name for name in told if "DATABASE" in name or "BROKER" in name]
