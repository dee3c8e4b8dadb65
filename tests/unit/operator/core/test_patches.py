"""A status that is written is the status that is there: nothing of an older one stays, in any kind, at any depth."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesto.operator.cluster import Cluster
from mesto.operator.crds import KINDS
from mesto.operator.patches import difference
from mesto.operator.schema import Kind
from pydantic import BaseModel

Document = dict[str, Any]


def applied(before: Any, patch: Any) -> Any:
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    target = dict(before) if isinstance(before, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = applied(target.get(name), value)
    return target


def full(model: type[BaseModel]) -> Document:
    """A document in which every field of a model, and of those within it, has a value."""
    schema = model.model_json_schema(by_alias=True)
    return _value(schema, schema.get("$defs", {}))  # type: ignore[no-any-return]


def _value(schema: Document, definitions: Document) -> Any:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return _value(next(branch for branch in schema["anyOf"] if branch.get("type") != "null"), definitions)
    match schema.get("type"):
        case "object":
            return {name: _value(value, definitions) for name, value in schema.get("properties", {}).items()}
        case "array":
            return [_value(schema["items"], definitions)]
        case "integer" | "number":
            return 7
        case "boolean":
            return True
    return schema["enum"][0] if "enum" in schema else "x"


def objects(document: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where a document has fields, lists left out: they are replaced whole."""
    if not isinstance(document, dict):
        return []
    below = [found for name, value in document.items() for found in objects(value, (*path, name))]
    return [*((*path, name) for name in document), *below]


def without(document: Document, path: tuple[str, ...]) -> Document:
    left = copy.deepcopy(document)
    inner = left
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return left


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_field_of_a_status_can_go_and_come(kind: Kind) -> None:
    whole = full(kind.status)
    for path in objects(whole):
        less = without(whole, path)
        assert applied(whole, difference(whole, less)) == less
        assert applied(less, difference(less, whole)) == whole
    assert applied(whole, difference(whole, {})) == {}
    assert difference(whole, copy.deepcopy(whole)) == {}


def test_a_run_without_a_coverage_follows_one_that_had_it() -> None:
    before = {"lastRun": {"id": "a", "outcome": "Succeeded", "coverage": {"price": 100}}, "history": [{"id": "a"}]}
    after = {"lastRun": {"id": "b", "outcome": "Empty"}, "history": [{"id": "b"}, {"id": "a"}]}
    patch = difference(before, after)
    assert patch["lastRun"] == {"id": "b", "outcome": "Empty", "coverage": None}
    assert applied(before, patch) == after


class Server:
    """An API server with one resource."""

    def __init__(self, status: Document) -> None:
        self.status, self.patches = status, 0

    async def patch_namespaced_custom_object_status(self, *names: Any, **_: Any) -> Document:
        self.patches += 1
        self.status = applied(self.status, names[-1]["status"])
        return {"metadata": {"namespace": "moscow", "name": "t", "uid": "1"}, "status": copy.deepcopy(self.status)}


@pytest.mark.parametrize("stale", [False, True])
async def test_a_status_is_replaced_whole_whoever_wrote_the_last_one(stale: bool) -> None:
    before = {"lastRun": {"id": "a", "coverage": {"price": 100}}}
    server = Server(copy.deepcopy(before) | ({"other": {"deep": 1}} if stale else {}))
    cluster = Cluster.__new__(Cluster)
    cluster._custom = server  # type: ignore[assignment]
    known = {"metadata": {"namespace": "moscow", "name": "t", "uid": "1"}, "status": before}
    after = {"lastRun": {"id": "b"}, "other": {}} if stale else {"lastRun": {"id": "b"}}
    patched = await cluster.set_status("scrapetargets", known, after)
    assert patched["status"] == server.status == after
    assert server.patches == (2 if stale else 1)


VALUES = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@settings(max_examples=300, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_any_document_becomes_any_other(before: Document, after: Document) -> None:
    patch = difference(before, after)
    assert json.dumps(applied(before, patch), sort_keys=True) == json.dumps(after, sort_keys=True)
