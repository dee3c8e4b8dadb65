"""From Pydantic models of a kind to the CustomResourceDefinition that the API server accepts.

A structural schema has no ``$ref``, no ``anyOf`` with null, no ``const``, no numeric ``exclusiveMinimum`` and no
``additionalProperties: false``; what Pydantic writes is rewritten here. Rules are CEL with a sentence that says what to
write, because a ``pattern`` or a ``minimum`` would only quote itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

GROUP, VERSION = "mesto.dev", "v1alpha1"
Schema = dict[str, Any]
"""A JSON schema, which Pydantic gives and takes untyped."""
RULES = "x-kubernetes-validations"
_DROPPED = {"title", "default", "additionalProperties", "exclusiveMinimum", "exclusiveMaximum", "const", "pattern"}


@dataclass(frozen=True)
class Rule:
    """A CEL rule on ``self`` and the sentence for whoever broke it; annotate a field's type with it."""

    expression: str
    message: str
    field: str = ""
    """The path that the refusal names when it is not the place of the rule, for example ``.spec.slug``."""

    def json(self) -> dict[str, str]:
        """Return it as ``x-kubernetes-validations`` has it."""
        place = {"fieldPath": self.field} if self.field else {}
        return {"rule": self.expression, "message": self.message} | place

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        schema: Schema = handler(core)
        return schema | {RULES: [*schema.get(RULES, []), self.json()]}


@dataclass(frozen=True)
class ListMap:
    """A list whose items are told apart by these fields: the API server refuses two alike, server-side apply merges."""

    keys: tuple[str, ...]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        listed = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(self.keys)}
        return dict(handler(core)) | listed


@dataclass(frozen=True)
class ListSet:
    """A list of scalars without doubles."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        return dict(handler(core)) | {"x-kubernetes-list-type": "set"}


def whole(low: int, high: int, what: str) -> Rule:
    """Return a rule for whole numbers; ``what`` begins the sentence."""
    return Rule(f"self >= {low} && self <= {high}", f"{what}: write a whole number from {low} to {high}")


class Part(BaseModel):
    """Base of a kind's models: camelCase outside, unknown fields ignored (the API server has pruned them)."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)
    rules: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        schema = handler(core)
        own = handler.resolve_ref_schema(schema)
        if cls.rules:
            own[RULES] = [rule.json() for rule in cls.rules]
        return schema


@dataclass(frozen=True)
class Column:
    """What ``kubectl get`` prints; priority 1 only with ``-o wide``."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0

    def json(self) -> Schema:
        wide = {"priority": self.priority} if self.priority else {}
        return {"name": self.name, "type": self.type, "jsonPath": self.path} | wide


AGE = Column("Age", ".metadata.creationTimestamp", "date")


@dataclass(frozen=True)
class Kind:
    """A custom resource: its names, models, and rules that need its name as well as its spec.

    ``selectable`` are the fields that ``kubectl get --field-selector`` takes.
    """

    kind: str
    plural: str
    short: str
    description: str
    spec: type[BaseModel]
    status: type[BaseModel]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    selectable: tuple[str, ...] = ()


def structural(model: type[BaseModel]) -> Schema:
    """Return the structural schema of a model."""
    schema = model.model_json_schema(by_alias=True)
    return _node(schema, schema.get("$defs", {}))


def _node(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" in schema:
        siblings = {name: value for name, value in schema.items() if name != "$ref"}
        target = definitions[schema["$ref"].rpartition("/")[2]]
        schema = target | siblings | {RULES: [*target.get(RULES, []), *siblings.get(RULES, [])]}
    if "anyOf" in schema:
        choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        assert len(choices) == 1, f"a structural schema cannot say {schema['anyOf']}"
        return _node(choices[0] | {name: value for name, value in schema.items() if name != "anyOf"}, definitions)
    node = {name: value for name, value in schema.items() if name not in _DROPPED | {"$defs", "properties", "items"}}
    if "const" in schema:
        node["enum"] = [schema["const"]]
    if not node.get(RULES):
        node.pop(RULES, None)
    _describe(node)
    if "properties" in schema:
        node["properties"] = {name: _node(value, definitions) for name, value in schema["properties"].items()}
    if "items" in schema:
        node["items"] = _node(schema["items"], definitions)
    return node


_FORMATS = {"integer": "int32", "number": "double"}


def _describe(node: Schema) -> None:
    """Puts the description in one line with the examples, which ``kubectl explain`` would not show, and the format."""
    examples = node.pop("examples", [])
    words = " ".join(node.get("description", "").split())
    if examples:
        shown = " or ".join(json.dumps(example, ensure_ascii=False) for example in examples)
        words = f"{words} For example {shown}.".strip()
    if words:
        node["description"] = words
    if node.get("type") in _FORMATS:
        node.setdefault("format", _FORMATS[node["type"]])


def definition(kind: Kind) -> Schema:
    """Return the whole CustomResourceDefinition of a kind."""
    root: Schema = {
        "type": "object",
        "description": kind.description,
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": structural(kind.spec),
            "status": structural(kind.status),
        },
    }
    if kind.rules:
        root[RULES] = [rule.json() for rule in kind.rules]
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [column.json() for column in kind.columns],
        "schema": {"openAPIV3Schema": root},
    }
    if kind.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in kind.selectable]
    names = {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": kind.kind.lower(),
        "shortNames": [kind.short],
        "categories": ["mesto"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }
