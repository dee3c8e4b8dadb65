"""`mesto status`, `explain`, `pause`, `resume`, `resync` and `export`: a real API server, operator and catalog."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from mestolocal.paths import venv_bin
from support.clients.spaces import dump, space
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

TARGET: dict[str, Any] = {
    "apiVersion": "mesto.dev/v1alpha1",
    "kind": "ScrapeTarget",
    "metadata": {"name": "rival"},
    "spec": {
        "startUrls": ["https://rival.example.org/moscow"],
        "schedule": "0 3 1 1 *",
        "suspend": True,
        "extract": {"mode": "StructuredData"},
    },
}


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    """Booking and geo never answer: nothing becomes Ready."""
    return new_platform("catalog", "operator", tasks=False)


def mesto(stage: Platform, *words: str, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KUBECONFIG": str(kubeconfig or stage.cluster.kubeconfig)}
    command = [venv_bin("kubectl-mesto"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def status(stage: Platform, *words: str) -> subprocess.CompletedProcess[str]:
    return mesto(stage, "status", *words)


def read(stage: Platform, ns: str) -> dict[str, Any]:
    return dict(stage.resource("cws", "loft", ns))


def condition(stage: Platform, ns: str, name: str) -> dict[str, Any]:
    """A condition of the space; empty before the first status."""
    listed = read(stage, ns).get("status", {}).get("conditions", [])
    return next(
        (condition for condition in listed if condition["type"] == name),
        {"status": "", "reason": "", "observedGeneration": 0},
    )


def annotations(stage: Platform, ns: str) -> dict[str, str]:
    return dict(read(stage, ns)["metadata"].get("annotations", {}))


def test_status_tells_of_what_is_not_ready_by_its_exit_code(stage: Platform) -> None:
    ns = stage.namespace("status")
    empty = status(stage, "-n", ns)
    assert (empty.returncode, empty.stdout) == (0, ""), empty.stderr
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(space("loft")))

    def tree_names_it() -> bool:
        done = status(stage, "cws/loft", "-n", ns)
        assert done.returncode == 5, done.stderr
        assert "Ready False AwaitingBooking: Awaiting booking's answer." in done.stdout
        return True

    eventually(tree_names_it, "the tree names what is awaited")
    assert "loft" in [resource["metadata"]["name"] for resource in json.loads(status(stage, "-A", "-o", "json").stdout)]
    whole = status(stage, "cws/loft", "-n", ns, "-o", "yaml")
    assert (whole.returncode, yaml.safe_load(whole.stdout)[0]["metadata"]["name"]) == (5, "loft")
    heading, line = status(stage, "-n", ns, "-o", "wide").stdout.splitlines()
    assert heading.split()[:4] == ["NAMESPACE", "NAME", "READY", "REASON"]
    assert line.split()[:4] == [ns, "cws/loft", "False", "AwaitingBooking"]
    missing = status(stage, "cws/nothing", "-n", ns)
    assert missing.returncode == 1
    assert f"no CoworkingSpace/nothing in {ns}" in missing.stderr


def test_a_paused_space_waits_until_it_is_resumed(stage: Platform) -> None:
    ns = stage.namespace("pausing")
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(space("loft", slug="pausing-loft")))
    eventually(lambda: condition(stage, ns, "Synced")["status"] == "True", "catalog has the space")

    assert mesto(stage, "pause", "cws/loft", "cws/nothing", "-n", ns).returncode == 1
    assert "mesto.dev/paused" not in annotations(stage, ns), "a name that is not there changes nothing"
    assert mesto(stage, "pause", "--all", "-n", ns).stderr.startswith("Paused: 1.")
    change = {"spec": {"address": "Тверская улица, 1"}}
    stage.kubectl("patch", "cws", "loft", "-n", ns, "--type=merge", "-p", json.dumps(change))
    eventually(lambda: condition(stage, ns, "Ready")["reason"] == "Paused", "the operator says that it waits")
    said = mesto(stage, "explain", "loft", "-n", ns)
    assert (said.returncode, "kubectl mesto resume cws/loft" in said.stdout) == (5, True), said.stdout
    assert condition(stage, ns, "Synced")["observedGeneration"] == 1

    assert mesto(stage, "resume", "cws/loft", "-n", ns).returncode == 0
    eventually(lambda: condition(stage, ns, "Synced")["observedGeneration"] == 2, "catalog has the change")


def test_a_resync_tells_catalog_anew_and_explain_says_what_to_do(stage: Platform) -> None:
    ns = stage.namespace("explaining")
    manifest = space("loft", slug="explaining-loft")
    manifest["spec"]["published"] = False
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(manifest))
    eventually(lambda: condition(stage, ns, "Bookable")["reason"] == "Unpublished", "the space is not published")
    said = json.loads(mesto(stage, "explain", "cws/loft", "-n", ns, "-o", "json").stdout)
    assert said["bookable"] is False
    assert any("published: true" in sentence for sentence in said["sentences"]), said

    def upserts() -> float:
        text = httpx.get(f"http://127.0.0.1:{stage.ports['operator']}/metrics", trust_env=False, timeout=30).text
        lines = [line for line in text.splitlines() if line.startswith("mesto_operator_upserts_total{")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    before = upserts()
    assert mesto(stage, "resync", "cws/loft", "-n", ns).returncode == 0
    eventually(lambda: upserts() > before, "catalog is told of the space again")


def test_what_goes_wrong_is_a_sentence(stage: Platform, tmp_path: Path) -> None:
    ns = stage.namespace("wrong")
    away = tmp_path / "away"
    closed = stage.cluster.server_url.rpartition(":")[0] + ":9"
    away.write_text(stage.cluster.kubeconfig.read_text().replace(stage.cluster.server_url, closed))
    nobody = stage.cluster.write_kubeconfig(tmp_path / "nobody", "nobody-of-note")
    for words, kubeconfig, code, sentence in (
        (("status", "-n", ns), away, 3, "does not answer"),
        (("status", "-n", ns), nobody, 1, f"You may not read coworkingspaces in {ns}."),
        (("pause", "cws/loft", "-n", ns), nobody, 1, "You may not read CoworkingSpace/loft"),
        (("status", "-n", ns), tmp_path / "none", 1, "no usable kubeconfig"),
        (("status", "pod/loft"), None, 1, "pod/loft is no KIND/NAME"),
        (("pause", "-n", ns), None, 1, "or write --all"),
        (("explain", "gds/one", "-n", ns), None, 1, "Only a CoworkingSpace is booked"),
        (("run", "cws/loft", "-n", ns), None, 1, "Only a ScrapeTarget runs"),
        (("run", "rival", "-n", ns), None, 1, f"no ScrapeTarget/rival in {ns}"),
    ):
        done = mesto(stage, *words, kubeconfig=kubeconfig)
        assert (done.returncode, sentence in done.stderr) == (code, True), (words, done.stderr)


def test_a_run_is_asked_for_by_a_new_value_of_its_annotation(stage: Platform) -> None:
    ns = stage.namespace("running")
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(TARGET))

    def wish() -> str:
        found = stage.resource("sct", "rival", ns)
        return str(found["metadata"]["annotations"].get("mesto.dev/run", ""))

    assert mesto(stage, "pause", "sct/rival", "-n", ns).returncode == 0
    refused = mesto(stage, "run", "rival", "-n", ns, "--wait")
    assert (refused.returncode, "kubectl mesto resume sct/rival" in refused.stderr) == (1, True), refused.stderr
    assert wish() == ""
    said = mesto(stage, "run", "rival", "-n", ns)
    assert (said.returncode, "the run begins after kubectl mesto resume" in said.stderr) == (0, True), said.stderr
    first = wish()
    assert mesto(stage, "run", "sct/rival", "-n", ns).returncode == 0
    assert "" < first < wish()


def rows(stage: Platform, ns: str) -> list[tuple[Any, ...]]:
    """What catalog holds of a namespace, apart from who manages it."""
    own = "{uid,namespace,name,generation,managed,revision,changed_xid,updated_at,applied,bookable_reason,release_to}"
    return stage.sql(
        f"SELECT s.name, to_jsonb(s) - '{own}'::text[],"
        " (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.position) FROM catalog.resources r WHERE r.space_id = s.id),"
        " (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.resource_id, p.position) FROM catalog.prices p"
        " WHERE p.space_id = s.id)"
        " FROM catalog.spaces s WHERE s.namespace = %s ORDER BY s.name",
        ns,
    )


def test_what_is_exported_is_taken_by_the_api_server_and_changes_no_row(stage: Platform) -> None:
    ns, other = stage.namespace("exporting"), stage.namespace("exporting-other")
    whole = json.loads(json.dumps(space("loft", slug="exporting-loft")))
    whole["spec"] |= {
        "exceptions": [{"date": "2027-01-01", "closed": True}],
        "contacts": {"phone": "+74951234567"},
        "owner": {"email": "owner@example.org"},
        "booking": {"approval": "Owner", "cancellation": [{"before": "1h30m", "refundPercent": 100}]},
    }
    left = space("left", slug="exporting-left", deletionPolicy="Retain")
    left["metadata"]["annotations"] = {"mesto.dev/release-to": f"{other}/left"}
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(whole, left))
    eventually(lambda: len(rows(stage, ns)) == 2, "catalog has both")
    stage.kubectl("delete", "cws", "left", "-n", ns)
    managed = "SELECT name, managed FROM catalog.spaces WHERE namespace = %s ORDER BY name"
    assert stage.sql(managed, ns) == [("left", False), ("loft", True)]

    text = stage.mesto("export", "-n", ns, "--adopt")
    assert [document["metadata"]["name"] for document in yaml.safe_load_all(text)] == ["left", "loft"]
    assert json.loads(stage.mesto("export", "-n", ns, "--name", "loft", "-o", "json"))["kind"] == "List"
    stage.kubectl("apply", "-n", other, "--dry-run=server", "-f", "-", stdin=text.replace(ns, other))
    before = rows(stage, ns)

    # The one that is left goes to the namespace that it was released to.
    moved = text.replace(f"namespace: {ns}\n  annotations", f"namespace: {other}\n  annotations")
    stage.kubectl("apply", "-f", "-", stdin=moved)
    eventually(lambda: stage.sql(managed, other) == [("left", True)], "the resource has taken the row over")
    newest = read(stage, ns)["metadata"]["generation"]
    eventually(lambda: condition(stage, ns, "Synced")["observedGeneration"] == newest, "catalog has the other one")
    assert stage.sql(managed, ns) == [("loft", True)]
    assert rows(stage, ns) + rows(stage, other) == [before[1], before[0]]


def test_a_row_that_no_resource_can_declare_is_named(stage: Platform) -> None:
    ns = stage.namespace("mangled")
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(space("loft", slug="mangled-loft")))
    eventually(lambda: rows(stage, ns), "catalog has the space")
    mesto(stage, "pause", "cws/loft", "-n", ns)
    stage.sql("UPDATE catalog.spaces SET city = 'Nowhere at all' WHERE namespace = %s", ns)
    command = [*stage.mesto_command, "export", "-n", ns]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert f"{ns}/loft" in done.stderr
    assert "city" in done.stderr


def test_the_tab_key_offers_commands_and_what_is_there(stage: Platform, tmp_path: Path) -> None:
    ns = stage.namespace("offering")
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(space("loft", slug="offering-loft"), TARGET))
    plugins = tmp_path / "bin"
    plugins.mkdir()
    for name in ("kubectl-mesto", "kubectl_complete-mesto"):
        (plugins / name).symlink_to(venv_bin(name))

    def offered(*words: str) -> list[str]:
        environment = {"PATH": f"{plugins}:/usr/bin:/bin", "KUBECONFIG": str(stage.cluster.kubeconfig)}
        command = [str(stage.cluster.binaries / "kubectl"), "__complete", "mesto", *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=60, env=environment
        ).stdout.splitlines()

    assert "resync" in offered("re")
    assert "status" not in offered("re")
    assert "cws/loft" in offered("pause", "-n", ns, "cws/")
    assert "loft" in offered("explain", "-n", ns, "")
    assert "rival" in offered("run", "-n", ns, "ri")
    assert "loft" not in offered("run", "-n", ns, "")
    assert {"tree", "wide", "json", "yaml"} <= set(offered("status", "-o", ""))
    assert {"yaml"} == set(offered("export", "--output", "y")) - {":4"}
