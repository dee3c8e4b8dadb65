"""Every API is bounded: each string, list and number that it takes has an end, and nothing unknown gets in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support import openapi

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
BOUNDED_FORMATS = {"uuid", "date", "date-time"}  # what is read into one of these has an end by itself


def documents() -> dict[str, dict[str, Any]]:
    sides = [(service, side) for service in SERVICES for side in ("public", "internal")]
    return {f"{service}-{side}": openapi.document(service, side) for service, side in sides}


DOCUMENTS = documents()


def loose(schema: Any, root: dict[str, Any], where: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """Each place of a request's schema that lets anything of any size in."""
    if reference := schema.get("$ref"):
        if reference not in seen:
            yield from loose(
                root["components"]["schemas"][reference.rpartition("/")[2]], root, where, (*seen, reference)
            )
        return
    for word in ("anyOf", "oneOf", "allOf"):
        for number, part in enumerate(schema.get(word, [])):
            yield from loose(part, root, f"{where}/{word}.{number}", seen)
    if any(word in schema for word in ("anyOf", "oneOf", "allOf", "enum", "const")):
        return
    match schema.get("type"):
        case "string" if "maxLength" not in schema and schema.get("format") not in BOUNDED_FORMATS:
            yield f"{where}: a string without maxLength"
        case "integer" | "number":
            least = {"minimum", "exclusiveMinimum"} & schema.keys()
            if not least or "maximum" not in schema:
                yield f"{where}: a number without a range"
        case "array":
            if "maxItems" not in schema:
                yield f"{where}: a list without maxItems"
            yield from loose(schema.get("items", {}), root, f"{where}[]", seen)
        case "object" if "maxProperties" in schema and "maxLength" in schema.get("propertyNames", {}):
            # A map: so many names of such a length, each with a value that has an end.
            values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
            for part in values:
                if isinstance(part, dict):
                    yield from loose(part, root, f"{where}{{}}", seen)
        case "object":
            if schema.get("additionalProperties") is not False:
                yield f"{where}: an object that takes unknown fields"
            for name, part in schema.get("properties", {}).items():
                yield from loose(part, root, f"{where}.{name}", seen)
        case "string" | "boolean" | "null":
            pass
        case other:
            yield f"{where}: of any type ({other})"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("name", DOCUMENTS)
def test_everything_that_a_request_may_hold_has_an_end(name: str) -> None:
    document, wrong = DOCUMENTS[name], []
    for operation, described in operations(document):
        for parameter in described.get("parameters", []):
            wrong += loose(parameter["schema"], document, f"{operation} {parameter['in']} {parameter['name']}")
        for content in described.get("requestBody", {}).get("content", {}).values():
            wrong += loose(content["schema"], document, f"{operation} body")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "without maxLength"),
        ({"type": "array", "maxItems": 3, "items": {"type": "string"}}, "[]: a string without maxLength"),
        ({"type": "array", "items": {"type": "boolean"}}, "without maxItems"),
        ({"type": "integer", "minimum": 0}, "without a range"),
        ({"type": "object", "properties": {}}, "unknown fields"),
        (
            {
                "type": "object",
                "maxProperties": 3,
                "propertyNames": {"maxLength": 9},
                "additionalProperties": {"type": "string"},
            },
            "x{}: a string without maxLength",
        ),
        ({"type": "object", "maxProperties": 3, "additionalProperties": {"type": "boolean"}}, "unknown fields"),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Part"}]}, "anyOf.1.note: a string"),
        ({}, "of any type"),
    ],
)
def test_the_walk_sees_what_has_no_end(schema: dict[str, Any], said: str) -> None:
    part = {"type": "object", "additionalProperties": False, "properties": {"note": {"type": "string"}}}
    assert said in "\n".join(loose(schema, {"components": {"schemas": {"Part": part}}}, "x"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_refusal_is_declared_by_its_status_as_a_problem_with_the_request_id(name: str) -> None:
    for operation, described in operations(DOCUMENTS[name]):
        responses = described["responses"]
        assert {"422", "500", "503"} <= responses.keys(), operation
        assert not any(status.endswith("XX") or status == "default" for status in responses), operation
        assert ("401" in responses) >= bool(described.get("security")), operation
        assert ("413" in responses) == ("requestBody" in described), operation
        for status, response in responses.items():
            assert response["headers"]["X-Request-Id"]["required"], f"{operation} {status}"
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], f"{operation} {status}"
        assert "Retry-After" in responses["503"]["headers"]


def test_internal_operations_all_name_their_security() -> None:
    for name, document in DOCUMENTS.items():
        if name.endswith("-internal"):
            for operation, described in operations(document):
                (needed,) = described.get("security", [{}])
                assert needed.get("callerToken"), f"{name} {operation} does not say who may call it"
