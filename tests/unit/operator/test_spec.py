"""The spec in catalog's words."""

from __future__ import annotations

import pytest
from mesto.operator.crds import custom_resource_definitions
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec, minutes
from pydantic import ValidationError
from support.spaces import space


def test_a_declared_space_is_told_in_snake_case_and_minutes() -> None:
    declared = space(
        "loft",
        owner={"email": "owner@example.org"},
        booking={"approval": "Owner", "cancellation": [{"before": "1h30m", "refundPercent": 50}]},
    )["spec"]
    told = CoworkingSpaceSpec.model_validate(declared).to_contract()
    assert told.owner_email == "owner@example.org"
    assert told.booking is not None
    assert told.booking.approval == "owner"
    assert [(tier.before_minutes, tier.refund_percent) for tier in told.booking.cancellation or []] == [(90, 50)]
    assert told.resources[0].kind == "hot_desk"
    assert told.resources[0].prices[0].per == "hour"
    assert told.opening_hours[0].days[0] == "mon"


def test_what_is_left_out_stays_undeclared() -> None:
    declared = space("loft")["spec"]
    for name in ("booking", "published", "description", "amenities"):
        declared.pop(name, None)
    told = CoworkingSpaceSpec.model_validate(declared).to_contract()
    assert told.booking is None
    assert told.description is None
    assert told.published


def test_a_space_without_a_title_is_refused_even_if_the_api_server_let_it_in() -> None:
    declared = space("loft")["spec"]
    del declared["title"]
    with pytest.raises(ValidationError):
        CoworkingSpaceSpec.model_validate(declared).to_contract()


@pytest.mark.parametrize(("before", "expected"), [("24h", 1440), ("30m", 30), ("1h30m", 90), ("0m", 0)])
def test_durations_become_minutes(before: str, expected: int) -> None:
    assert minutes(before) == expected


@pytest.mark.parametrize("before", ["", "24", "1d", "-1h", "h"])
def test_other_durations_are_refused(before: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        minutes(before)


def walk(node: object) -> list[dict[str, object]]:
    if isinstance(node, list):
        return [found for item in node for found in walk(item)]
    if isinstance(node, dict):
        return [node, *(found for item in node.values() for found in walk(item))]
    return []


def test_schemas_are_structural_bounded_and_without_defaults() -> None:
    for crd in custom_resource_definitions():
        root = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for node in walk(root["properties"]["spec"]):
            assert not {"$ref", "anyOf", "const", "default", "pattern"} & node.keys()
            if node.get("type") == "string" and "enum" not in node:
                assert "maxLength" in node, node
            if node.get("type") == "array":
                assert "maxItems" in node, node
