"""What the operator may do covers every kind it watches: one list that it may not make ends its watch, and it."""

from __future__ import annotations

import yaml
from mesto.operator.crds import KINDS
from mestolocal.paths import REPO


def test_every_kind_may_be_watched_and_its_status_written() -> None:
    documents = yaml.safe_load_all((REPO / "deploy/kubernetes/operator-rbac.yaml").read_text("utf-8"))
    (role,) = [document for document in documents if document["kind"] == "ClusterRole"]
    allowed = {(resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
    for kind in KINDS:
        assert {(kind.plural, verb) for verb in ("get", "list", "watch", "patch")} <= allowed
        assert (f"{kind.plural}/status", "patch") in allowed
