"""What `mesto status` says of a resource."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.cli import status_tree
from mesto.operator.crds import KINDS


def resource(generation: int = 2, **status: Any) -> dict[str, Any]:
    metadata = {"name": "loft", "namespace": "moscow", "generation": generation}
    return {"kind": "CoworkingSpace", "metadata": metadata, "status": status}


def condition(status: str, generation: int = 2) -> dict[str, Any]:
    return {
        "type": "Ready",
        "status": status,
        "reason": "Why",
        "message": "So it is.",
        "observedGeneration": generation,
    }


@pytest.mark.parametrize("word", ["cws", "CoworkingSpace", "coworkingspaces", "COWORKINGSPACE"])
def test_a_kind_has_the_names_that_kubectl_takes(word: str) -> None:
    assert status_tree.kind_of(word) == "CoworkingSpace"
    assert status_tree.kind_of("pod") is None


def test_the_kinds_are_those_of_the_operator() -> None:
    assert {kind.kind: kind.plural for kind in KINDS} == status_tree.KINDS
    assert {kind.short: kind.kind for kind in KINDS} == status_tree.SHORT


def test_ready_counts_for_the_newest_generation_only() -> None:
    assert status_tree.ready(resource(conditions=[condition("True")]))
    assert not status_tree.ready(resource(conditions=[condition("False")]))
    assert not status_tree.ready(resource(conditions=[condition("True", 1)]))
    assert not status_tree.ready(resource())


def test_the_tree_names_services_and_conditions_with_reasons() -> None:
    services = [{"name": "auth", "appliedGeneration": 1, "message": "bad field"}]
    assert list(status_tree.lines(resource(services=services, conditions=[condition("True", 1)]))) == [
        "CoworkingSpace moscow/loft: not Ready",
        "├─ auth has generation 1: bad field",
        "└─ Ready True Why (of an older generation than 2): So it is.",
    ]
    assert list(status_tree.lines(resource()))[1:] == ["└─ no status yet: the operator has not looked at it"]
