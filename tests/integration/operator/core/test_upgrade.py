"""Objects that the API server stored by the CRDs before survive today's: nothing is lost, all is still valid."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from mestolocal.cluster import Cluster
from mestolocal.paths import REPO, PlatformError
from support.clients.manifests import CONFIG, DATASET, TARGET
from support.clients.spaces import dump, space
from support.waiting import eventually

GROUP = "upgrade.mesto.dev"
Manifest = dict[str, Any]


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=REPO, capture_output=True, text=True, check=True).stdout


def documents(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]


def today() -> list[Manifest]:
    return [document for file in sorted((REPO / "crds").glob("*.yaml")) for document in documents(file.read_text())]


def at(commit: str, folder: str) -> Iterator[Manifest]:
    """The custom resources and their definitions that a commit has in a folder."""
    for file in git("ls-tree", "-r", "--name-only", commit, folder).split():
        if file.endswith(".yaml"):
            found = documents(git("show", f"{commit}:{file}"))
            yield from (
                manifest for manifest in found if manifest.get("kind") != "Namespace" and "metadata" in manifest
            )


@pytest.fixture(scope="module")
def before() -> str:
    """The newest commit whose CRDs are not today's."""
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("a shallow clone does not know the CRDs before; CI clones whole")
    commits = git("log", "--format=%H", "--", "crds").split()
    return next(commit for commit in commits if list(at(commit, "crds")) != today())


def elsewhere(definition: Manifest) -> Manifest:
    """The same CRD in a group of this test, under names that nobody else asks for: the server is shared."""
    names = definition["spec"]["names"]
    plural = f"stored{names['plural']}"
    renamed = {"kind": names["kind"], "listKind": names["listKind"], "plural": plural, "singular": plural[:-1]}
    spec = definition["spec"] | {"group": GROUP, "names": renamed}
    return definition | {"metadata": {"name": f"{plural}.{GROUP}"}, "spec": spec}


def moved(resource: Manifest) -> Manifest:
    return resource | {"apiVersion": f"{GROUP}/v1alpha1", "metadata": {"name": resource["metadata"]["name"]}}


def install(cluster: Cluster, definitions: list[Manifest]) -> None:
    ours = [elsewhere(definition) for definition in definitions]
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=dump(*ours))
    names = [f"crd/{definition['metadata']['name']}" for definition in ours]
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", *names)


@pytest.fixture
def cluster(apiserver: Cluster) -> Iterator[Cluster]:
    yield apiserver
    names = [f"{elsewhere(definition)['metadata']['name']}" for definition in today()]
    apiserver.kubectl("delete", "crd", "--ignore-not-found", *names)


def stored(cluster: Cluster, namespace: str, resources: list[Manifest]) -> list[Manifest]:
    """Those that the API server takes by the CRDs before, as it has them."""
    found = []
    for resource in resources:
        with contextlib.suppress(PlatformError):  # it has fields that are newer
            said = cluster.kubectl("create", "-n", namespace, "-o", "json", "-f", "-", stdin=dump(resource))
            found.append(json.loads(said))
    return found


def test_what_was_stored_by_the_crds_before_is_whole_and_valid_by_todays(
    cluster: Cluster, namespace: str, before: str
) -> None:
    install(cluster, list(at(before, "crds")))
    kinds = {definition["spec"]["names"]["kind"] for definition in at(before, "crds")}
    # Those without a name are templates.
    examples = [resource for resource in at(before, "examples") if "name" in resource["metadata"]]
    manifests = [
        moved(manifest)
        for manifest in (*examples, space("upgraded"), TARGET, CONFIG, DATASET)
        if manifest["kind"] in kinds
    ]
    old = stored(cluster, namespace, manifests)
    assert {manifest["kind"] for manifest in old} == kinds, "of each kind something is stored"

    install(cluster, today())
    newest = {
        definition["spec"]["names"]["kind"]: definition["spec"]["versions"][0]["schema"] for definition in today()
    }

    def serves_today() -> bool:
        """The schema that the server validates by, told by its newest field."""
        listed = json.loads(cluster.kubectl("get", "crd", "-o", "json"))["items"]
        served = {
            resource["spec"]["names"]["kind"]: resource["spec"]["versions"][0]["schema"]
            for resource in listed
            if resource["spec"]["group"] == GROUP
        }
        return served == newest

    eventually(serves_today, "the API server has today's CRDs")
    for manifest in old:
        resource = f"stored{manifest['kind'].lower()}s.{GROUP}/{manifest['metadata']['name']}"
        now = json.loads(cluster.kubectl("get", resource, "-n", namespace, "-o", "json"))
        assert now["spec"] == manifest["spec"], f"{resource} lost or gained fields"
        # Written anew under another name: unchanged fields of a stored object would be let through unchecked.
        copy = {name: now[name] for name in ("apiVersion", "kind", "spec")} | {"metadata": {"name": "again"}}
        cluster.kubectl("create", "--dry-run=server", "-n", namespace, "-f", "-", stdin=dump(copy))
        cluster.kubectl("label", resource, "-n", namespace, "upgraded=yes")
