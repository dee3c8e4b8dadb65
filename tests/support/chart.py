"""Rendering the chart and looking at what comes out."""

from __future__ import annotations

import copy
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from mestolocal.builds import KUBERNETES_VERSION, go_tool
from mestolocal.paths import REPO
from mestolocal.ports import SERVICES

CHART = REPO / "helm" / "mesto"
CELERY = tuple(yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))["celery"])
"""Services with a worker and a beat in the chart."""
Manifest = dict[str, Any]
TRIAL = ("-f", str(CHART / "values-trial.yaml"))
# What production needs to be told.
PRODUCTION = (
    *("-f", str(CHART / "values-production.yaml")),
    *("--set", "ingress.host=mesto.example.org,ingress.tlsSecret=tls,mail.smtp.host=smtp.example.org"),
    *("--set", "database.existingSecret=db,database.caSecret=db-ca,broker.existingSecret=mq,broker.caSecret=mq-ca"),
    *("--set", "sentry.existingSecret=sentry,monitoring.enabled=true"),
)


def helm(*arguments: str, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What helm said; it looks at no cluster but that of `kubeconfig`."""
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig or "/nonexistent")}
    command = [str(go_tool("helm")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


@cache
def template(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`helm template` without a cluster; the same words make the same text, once."""
    return helm("template", "mesto", str(CHART), "-n", "mesto", "--kube-version", KUBERNETES_VERSION, *arguments)


def parse(text: str) -> list[Manifest]:
    """Return the documents; libyaml's reader takes a tenth of the time of PyYAML's own."""
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def render(*arguments: str) -> list[Manifest]:
    """The manifests; Secrets are made as for a cluster that cannot be looked at."""
    done = template("--set", "secrets.offline=true", *arguments)
    assert done.returncode == 0, done.stderr
    return parse(done.stdout)


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """Manifests of a kind by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Each pod template as {"metadata", "spec"}, by the name of its maker; claims are volumes, as in pods."""
    found = {}
    for manifest in manifests:
        if manifest["kind"] not in ("Deployment", "StatefulSet", "Job"):
            continue
        pod = copy.deepcopy(manifest["spec"]["template"])
        for claim in manifest["spec"].get("volumeClaimTemplates", []):
            name = claim["metadata"]["name"]
            pod["spec"]["volumes"].append({"name": name, "persistentVolumeClaim": {"claimName": f"{name}-0"}})
        found[manifest["metadata"]["name"]] = pod
    return found


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def environment(container: Manifest) -> dict[str, Any]:
    """By name: the literal, or (secret, key)."""
    found: dict[str, Any] = {}
    for variable in container.get("env", []):
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        assert variable["name"] not in found, f"{variable['name']} twice"
        found[variable["name"]] = (reference["name"], reference["key"]) if reference else variable["value"]
    return found


def selected(selector: Manifest, labels: dict[str, str]) -> bool:
    """Does a label selector take these labels?"""
    if not all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(
        labels.get(expression["key"]) in expression["values"] for expression in selector.get("matchExpressions", [])
    )


def edges(manifests: list[Manifest], direction: str) -> Iterator[tuple[str, str, int]]:
    """(pod, peer, port) that policies let out (`egress`) or in (`ingress`); a peer outside has no component."""
    by_component = {name: pod["metadata"]["labels"] for name, pod in pods(manifests).items()}
    side = "to" if direction == "egress" else "from"
    for policy in of_kind(manifests, "NetworkPolicy").values():
        for rule in policy["spec"].get(direction, []):
            here = [name for name, labels in by_component.items() if selected(policy["spec"]["podSelector"], labels)]
            for peer in rule[side]:
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    there = [name for name, labels in by_component.items() if selected(peer["podSelector"], labels)]
                else:
                    there = ["outside"]
                yield from (
                    (source, target, port["port"]) for source in here for target in there for port in rule["ports"]
                )


def roles() -> list[str]:
    """The database roles that the chart makes."""
    return [f"mesto_{service}{end}" for service in SERVICES for end in ("", "_owner")]
