"""Rows and a template make CoworkingSpace manifests; each row that cannot be one gets a sentence."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from mesto.cli.failure import Failure
from mesto.operator.kinds.geodataset import rows
from mesto.operator.kinds.geodataset.features import degrees
from pydantic import ValidationError
from slugify import slugify

API_VERSION, KIND = "mesto.dev/v1alpha1", "CoworkingSpace"
LONGEST = 63
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_INTEGERS = re.compile(r"^(seats|refundPercent|maxAdvanceDays|\w+Minutes)$")
_BOOLEANS = {"true": True, "yes": True, "1": True, "да": True, "false": False, "no": False, "0": False, "нет": False}
# Columns that the space's first fields come from when the template is silent.
_LATITUDE, _LONGITUDE = ("latitude", "lat", "y"), ("longitude", "lng", "lon", "x")


class Dumper(yaml.SafeDumper):
    """Quotes what looks like a number, a time or a date: other YAML readers may take it for one."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    looks_typed = re.match(r"^[-+.]?\d[\d:.,_-]*$", value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if looks_typed else None)


Dumper.add_representer(str, _string)


def build(file: Path, template: Path, namespace: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Manifests of the good rows and a sentence for each bad one. Raises Failure for a file that cannot be used."""
    pattern = load_template(template)
    try:
        found = rows.read(file)
    except rows.Unreadable as error:
        raise Failure(str(error)) from error
    known = {name for row in found for name in row.columns}
    if unknown := sorted(placeholders(pattern) - known):
        raise Failure(
            f"{template} asks for the column {unknown[0]}, which {file} has not. "
            f"Columns: {', '.join(sorted(known)) or 'none'}."
        )
    model = spec_model()
    good: list[dict[str, Any]] = []
    bad: list[str] = []
    taken: set[str] = set()
    for row in found:
        try:
            manifest = manifest_of(row, pattern, namespace)
            check(manifest["spec"], model)
        except ValueError as error:
            bad.append(f"{file.name}, row {row.number}: {error}.")
            continue
        manifest["metadata"]["name"] = unique(manifest["metadata"]["name"], taken)
        good.append(manifest)
    return good, bad


def load_template(file: Path) -> dict[str, Any]:
    """The template. Raises Failure when it is no CoworkingSpace in YAML."""
    try:
        documents = [one for one in yaml.safe_load_all(file.read_text("utf-8")) if one is not None]
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failure(f"{file} is not YAML: {error}") from error
    if len(documents) != 1 or not isinstance(documents[0], dict) or documents[0].get("kind") != KIND:
        raise Failure(f"{file} is not one {KIND}: write a manifest of kind {KIND}, with {{column}} where rows differ.")
    template: dict[str, Any] = {"apiVersion": API_VERSION} | documents[0]
    if not isinstance(template.get("spec"), dict) or not isinstance(template.get("metadata", {}), dict):
        raise Failure(f"{file} has no spec: write what all the spaces have in common there.")
    return template


def placeholders(value: Any) -> set[str]:
    """Columns that a template names."""
    if isinstance(value, dict):
        return {name for item in value.values() for name in placeholders(item)}
    if isinstance(value, list):
        return {name for item in value for name in placeholders(item)}
    return {name.strip() for name in PLACEHOLDER.findall(value)} if isinstance(value, str) else set()


def fill(value: Any, columns: Mapping[str, Any], field: str = "") -> Any:
    """A template's value with cells put in, typed by the field that it is for; None where only empty cells were."""
    if isinstance(value, dict):
        filled = {name: fill(item, columns, name) for name, item in value.items()}
        return {name: item for name, item in filled.items() if item is not None} or (None if value else {})
    if isinstance(value, list):
        return [item for item in (fill(one, columns, field) for one in value) if item is not None]
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not PLACEHOLDER.search(value):
        return value

    def cell(match: re.Match[str]) -> str:
        found = columns.get(match[1].strip())
        return "" if found is None else str(found).strip()

    text = PLACEHOLDER.sub(cell, value).strip()
    return typed(text, field) if text else None


def typed(text: str, field: str) -> Any:
    """The text as what the field wants. Raises ValueError with a sentence that says what to write."""
    if field in ("latitude", "longitude"):
        return degrees(text, field, 90 if field == "latitude" else 180)
    if _INTEGERS.match(field):
        try:
            return int(text)
        except ValueError:
            raise ValueError(f'{field} is "{text}"; write a whole number') from None
    if field in ("published", "closed"):
        if text.lower() not in _BOOLEANS:
            raise ValueError(f'{field} is "{text}"; write true or false')
        return _BOOLEANS[text.lower()]
    if field == "amount":
        try:
            return f"{Decimal(text.replace(',', '.').replace(' ', '')):.2f}"
        except InvalidOperation:
            raise ValueError(f'the amount is "{text}"; write a number such as 250.00') from None
    return text


def manifest_of(row: rows.RowIn, template: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The manifest of a row. Raises ValueError with a sentence."""
    faults: list[str] = []
    declared: dict[str, Any] = {}
    for name, value in template["spec"].items():
        try:
            filled = fill(copy.deepcopy(value), row.columns, name)
        except ValueError as error:
            faults.append(str(error))
            continue
        if filled is not None:
            declared[name] = filled
    wanted = _usual(row, declared, set(template["spec"]), faults)
    metadata = dict(fill(template.get("metadata") or {}, row.columns) or {})
    name = slugify(str(metadata.get("name") or wanted), max_length=LONGEST)
    if not name and not faults:
        faults.append("no name can be made of it; fill in the column name")
    if faults:
        raise ValueError("; ".join(faults))
    metadata = {"name": name} | {key: value for key, value in metadata.items() if key != "name"}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": template["apiVersion"], "kind": KIND, "metadata": metadata, "spec": declared}


def _usual(row: rows.RowIn, declared: dict[str, Any], written: set[str], faults: list[str]) -> str:
    """Fill in title, address and location from the usual columns; what the space is called."""
    cells = {name.strip().lower(): value for name, value in row.columns.items() if value not in (None, "")}
    name = str(cells.get("name", "")).strip()
    if "title" not in declared:
        if name:
            declared["title"] = {"ru" if _CYRILLIC.search(name) else "en": name}
        else:
            faults.append("it has no name; fill in the column name")
    if "address" not in declared:
        if address := str(cells.get("address", "")).strip():
            declared["address"] = address
        else:
            faults.append("it has no address; fill in the column address")
    if "location" not in declared and "location" not in written:
        declared["location"] = {}
        for field, usual, limit in (("latitude", _LATITUDE, 90), ("longitude", _LONGITUDE, 180)):
            try:
                value = next((cells[one] for one in usual if one in cells), "")
                declared["location"][field] = degrees(str(value).strip(), field, limit)
            except ValueError as error:
                faults.append(str(error))
    title = declared.get("title")
    return (title.get("en") or title.get("ru") or name) if isinstance(title, dict) else name


def unique(name: str, taken: set[str]) -> str:
    """``name``, or with the first free of -2, -3 …; the same rows in the same order get the same names."""
    found, number = name, 1
    while found in taken:
        number += 1
        ending = f"-{number}"
        found = name[: LONGEST - len(ending)].rstrip("-") + ending
    taken.add(found)
    return found


def spec_model() -> Any:
    """What a spec must be, as the operator knows it; imported late, for --help needs none of it."""
    from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec

    return CoworkingSpaceSpec


def check(spec: dict[str, Any], model: Any) -> None:
    """Raise ValueError that names each field which the platform would refuse."""
    try:
        # The second step catches what the first leaves to the API server's rules.
        model.model_validate(spec).to_contract()
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False)[:5]:
            path = ".".join(str(part) for part in item["loc"])
            lines.append(f"spec{'.' if path else ''}{path}: {item['msg'].removeprefix('Value error, ').rstrip('.')}")
        raise ValueError("; ".join(lines)) from error


def dump(manifests: list[dict[str, Any]]) -> str:
    """One YAML stream."""
    if not manifests:
        return ""
    return yaml.dump_all(manifests, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120, explicit_start=True)
