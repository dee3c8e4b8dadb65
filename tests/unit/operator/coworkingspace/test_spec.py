"""The spec in catalog's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from mesto.operator.crds import custom_resource_definitions
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec, minutes
from pydantic import ValidationError
from support.clients.spaces import space


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


def described(path: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in node.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from described(f"{path}.{name}", inner)
    if "items" in node:
        yield from described(f"{path}[]", node["items"])


@pytest.mark.parametrize("crd", custom_resource_definitions(), ids=lambda crd: crd["spec"]["names"]["kind"])
def test_every_field_says_what_it_means_and_numbers_and_times_their_format(crd: dict[str, Any]) -> None:
    root = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fields = dict(described("", {"properties": {part: root["properties"][part] for part in ("spec", "status")}}))
    assert len(fields) > 30
    for path, field in fields.items():
        assert len(field.get("description", "")) > 5, f"{path} has no description"
        if field["type"] in ("integer", "number"):
            assert field["format"] in ("int32", "int64", "double"), path
        if path.endswith(("Time", "At")) and path.startswith(".status"):
            assert field["format"] == "date-time", path


@pytest.mark.parametrize("crd", custom_resource_definitions(), ids=lambda crd: crd["spec"]["names"]["kind"])
def test_texts_and_numbers_of_a_spec_come_with_an_example(crd: dict[str, Any]) -> None:
    root = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    free = ("title", "description", "caption", "name", "nameLatin")  # a text in one's own words
    for path, field in described("", {"properties": {"spec": root["properties"]["spec"]}}):
        parts = path.split(".")
        words = field["description"]
        if field["type"] in ("string", "integer", "number") and "enum" not in field and not set(free) & set(parts):
            # The value that is built in is an example of a number, too.
            shown = "For example" in words or (field["type"] != "string" and re.search(r"\d", words))
            assert shown or parts[-1] == "value", path
