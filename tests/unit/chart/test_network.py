"""Who reaches whom in the chart, and by what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mesto.common.http.client_address import networks, parse
from mestolocal.gateway import Limits
from mestolocal.ports import SERVICES
from support.chart import (
    CELERY,
    PRODUCTION,
    Manifest,
    containers,
    edges,
    environment,
    of_kind,
    pods,
    render,
)


def test_the_edges_are_these_and_each_has_both_ends(trial: list[Manifest]) -> None:
    apis, workers = set(SERVICES), {f"{name}-worker" for name in CELERY}
    beats = {f"{name}-beat" for name in CELERY}
    table = {("gateway", service, 8000) for service in apis}
    table |= {(process, "auth", 8001) for process in apis}
    table |= {("catalog", "booking", 8001)}
    table |= {(worker, service, 8001) for worker in workers for service in apis}
    table |= {("operator", service, 8001) for service in (*apis, "scrapyd")}
    table |= {("scrapyd", "catalog", 8001)}
    table |= {("toolbox", service, 8001) for service in apis}
    table |= {(process, "postgresql", 5432) for process in (*apis, *workers, "migrate-1")}
    table |= {(process, "rabbitmq", 5672) for process in (*apis, *workers, *beats)}
    inside = {(f"mesto-{source}", f"mesto-{target}", port) for source, target, port in table}
    out, into = (
        set(edges(trial, "egress")),
        {(target, source, port) for source, target, port in edges(trial, "ingress")},
    )
    assert {edge for edge in out if edge[1] != "outside"} == inside
    assert {edge for edge in into if edge[0] != "outside"} == inside
    assert {edge for edge in into if edge[0] == "outside"} == {("outside", "mesto-gateway", 8080)}
    beyond = {edge for edge in out if edge[1] == "outside" and edge[2] != 53}
    api_server = {("mesto-operator", "outside", port) for port in (80, 443, 6443)}
    sites = {("mesto-scrapyd", "outside", port) for port in (80, 443)}
    assert beyond == {*api_server, *sites, ("mesto-notifications-worker", "outside", 25)}
    assert {edge[0] for edge in out if edge[2] == 53} == set(pods(trial))
    deny = of_kind(trial, "NetworkPolicy")["mesto-default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_internal_ports_have_tls_where_it_is_asked_for() -> None:
    manifests = render(*PRODUCTION, "--set", "internalTls.enabled=true,internalTls.issuerRef.name=ca")
    (certificate,) = (certificate["spec"] for certificate in of_kind(manifests, "Certificate").values())
    assert certificate["issuerRef"] == {"name": "ca", "kind": "Issuer", "group": "cert-manager.io"}
    assert certificate["secretName"] == "mesto-internal-tls"
    scraped = of_kind(manifests, "PodMonitor")["mesto-processes"]["spec"]["podMetricsEndpoints"]
    kept = {endpoint["port"]: endpoint["relabelings"][0]["regex"] for endpoint in scraped}
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
    (secret,) = (volume["secret"] for volume in pod["spec"]["volumes"] if volume["name"] == "internal-tls")
    expected = {"ca.crt", "tls.crt", "tls.key"} if serves else {"ca.crt"}
    assert (secret["secretName"], {item["path"] for item in secret["items"]}) == ("mesto-internal-tls", expected)
    assert folder in [mount["mountPath"] for mount in main["volumeMounts"]]
    if serves:
        assert told["MESTO_PROBE_PORT"] == "8002"
        probes = [main[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
        assert probes == ["probes"] * 3


def test_internal_tls_takes_a_secret_that_is_there() -> None:
    manifests = render(*PRODUCTION, "--set", "internalTls.enabled=true,internalTls.secretName=own")
    assert of_kind(manifests, "Certificate") == {}
    (secret,) = (
        volume for volume in pods(manifests)["mesto-operator"]["spec"]["volumes"] if volume["name"] == "internal-tls"
    )
    assert secret["secret"]["secretName"] == "own"


def test_prometheus_reaches_every_process_in_production(production: list[Manifest]) -> None:
    reached = {edge[0] for edge in edges(production, "ingress") if edge[1] == "outside" and edge[2] == 8001}
    assert reached == set(pods(production)) - {"mesto-gateway", "mesto-migrate-1", "mesto-toolbox"}


def test_the_ingress_leads_to_the_gateway_only(production: list[Manifest]) -> None:
    (ingress,) = of_kind(production, "Ingress").values()
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
    policy = of_kind(production, "NetworkPolicy")["mesto-spiders-sites-out"]["spec"]
    (peer,) = policy["egress"][0]["to"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(peer["ipBlock"]["except"])
    told = {
        name: environment(container)
        for name, pod in pods(production).items()
        for container in containers(pod)
        if "MESTO_SCRAPYD_PASSWORD" in environment(container)
    }
    assert set(told) == {"mesto-operator", "mesto-scrapyd"}
    assert {variables["MESTO_SCRAPYD_PASSWORD"] for variables in told.values()} == {("mesto-scrapyd", "password")}
    assert told["mesto-operator"]["MESTO_SCRAPYD_URL"] == "http://mesto-scrapyd:8001"
