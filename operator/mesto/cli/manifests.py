"""Rows and a template make CoworkingSpace manifests; each row that cannot be one gets a sentence."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from mesto.cli import numbers
from mesto.cli.failure import Failure
from mesto.common.sentences import validator_message
from mesto.contracts import money
from mesto.contracts.text import choose
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
    """Quotes all that some reader of YAML, 1.1 or 1.2, might take for something else than a text."""


_PLAIN = re.compile(r"[^\W\d_]", re.UNICODE)
# Words that are no texts to readers of YAML 1.1 (kubectl's among them), of 1.2, or to none that is known.
_WORDS = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nil", "nan", "inf", "infinity"}
)


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Write plain only what begins with a letter, as no number, date or sign of YAML does, and is no reserved word."""
    plain = bool(_PLAIN.match(value)) and value.lower() not in _WORDS and value.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')


Dumper.add_representer(str, _string)


def build(
    file: Path, template: Path, namespace: str, key: str = "", mark: numbers.Mark | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return manifests of the good rows and a sentence for each bad one. Raises Failure for a file that cannot be used.

    ``key`` is the column that names of resources are made of, in place of the title; ``mark`` begins decimals.
    """
    pattern = load_template(template)
    try:
        found = rows.read(file)
    except rows.Unreadable as error:
        raise Failure(str(error)) from error
    known = {name for row in found for name in row.columns}
    if unknown := sorted((placeholders(pattern) | ({key} if key else set())) - known):
        asks = f"{template} asks for" if unknown[0] != key else "--id asks for"
        raise Failure(
            f"{asks} the column {unknown[0]}, which {rows.name_of(file)} has not. "
            f"Columns: {', '.join(sorted(known)) or 'none'}."
        )
    model = spec_model()
    names = {row.number: name_of(row, pattern, key) for row in found}
    doubled = _doubled(names)
    place = rows.name_of(file) if str(file) == rows.STDIN else file.name
    good: list[dict[str, Any]] = []
    bad: list[str] = []
    for row in found:
        try:
            if row.fault:
                raise ValueError(row.fault)
            manifest = manifest_of(row, pattern, namespace, names[row.number], mark)
            check(manifest["spec"], model, pattern["spec"])
            if row.number in doubled:
                raise ValueError(doubled[row.number])
        except ValueError as error:
            bad.append(f"{place}, row {row.number}: {str(error).rstrip('.')}.")
            continue
        good.append(manifest)
    return good, bad


def _doubled(names: Mapping[int, str]) -> dict[int, str]:
    """Return a sentence for each row whose name is another row's too.

    Neither gets it: told apart by their order, one would take the other's name, and its bookings, as soon as the other
    is left out.
    """
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for number, name in names.items():
        rows_of[name].append(number)
    how = "tell them apart by a column that stays: --id COLUMN, or metadata.name in the template"
    return {
        number: f'its name would be "{name}", as that of row {next(n for n in numbers_ if n != number)}; {how}'
        for name, numbers_ in rows_of.items()
        if name and len(numbers_) > 1
        for number in numbers_
    }


def load_template(file: Path) -> dict[str, Any]:
    """Return the template. Raises Failure when it is no CoworkingSpace in YAML."""
    try:
        documents = [document for document in yaml.safe_load_all(file.read_text("utf-8")) if document is not None]
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
    """Return columns that a template names."""
    if isinstance(value, dict):
        return {name for item in value.values() for name in placeholders(item)}
    if isinstance(value, list):
        return {name for item in value for name in placeholders(item)}
    return {name.strip() for name in PLACEHOLDER.findall(value)} if isinstance(value, str) else set()


def fill(value: Any, columns: Mapping[str, Any], mark: numbers.Mark | None = None, field: str = "") -> Any:
    """Return a template's value with cells put in, typed by the field that it is for.

    None where only empty cells were.
    """
    if isinstance(value, dict):
        filled = {name: fill(item, columns, mark, name) for name, item in value.items()}
        if isinstance(filled.get("amount"), Decimal):
            filled["amount"] = _amount(filled["amount"], str(filled.get("currency") or ""))
        return {name: item for name, item in filled.items() if item is not None} or (None if value else {})
    if isinstance(value, list):
        return [item for item in (fill(inner, columns, mark, field) for inner in value) if item is not None]
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not (named := PLACEHOLDER.findall(value)):
        return value
    cells = [columns.get(name.strip()) for name in named]
    if any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
        mark = "dot"  # a number of JSON, not a text that somebody wrote
    found = iter("" if cell is None else str(cell).strip() for cell in cells)
    text = PLACEHOLDER.sub(lambda _: next(found), value).strip()
    return typed(text, field, mark) if text else None


def _amount(amount: Decimal, currency: str) -> str:
    """Return an amount as manifests have it.

    Raises ValueError where the currency has fewer decimals: nothing is rounded.
    """
    places = max(money.decimals(currency), 0) if currency else 2
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        raise ValueError(f"the amount is {amount:f}; write one with {places} decimals at most")
    return f"{amount:.{places}f}"


def typed(text: str, field: str, mark: numbers.Mark | None = None) -> Any:
    """Return the text as what the field wants. Raises ValueError with a sentence that says what to write."""
    if field in ("latitude", "longitude"):
        return degrees(text, field, 90 if field == "latitude" else 180)
    if _INTEGERS.match(field):
        if not re.fullmatch(r"-?\d+", text, re.ASCII):
            raise ValueError(f'{field} is "{text}"; write a whole number')
        return int(text)
    if field in ("published", "closed"):
        if text.lower() not in _BOOLEANS:
            raise ValueError(f'{field} is "{text}"; write true or false')
        return _BOOLEANS[text.lower()]
    if field == "amount":
        try:
            amount = numbers.number(text, mark)
        except ValueError as error:
            raise ValueError(f"the amount {error}") from None
        if amount < 0:
            raise ValueError(f'the amount "{text}" is below 0; write 0, which is free of charge, or more')
        return amount
    return text


def name_of(row: rows.RowIn, template: Mapping[str, Any], key: str) -> str:
    """Return what a row's resource is called: of its own cells alone, never of where it stands.

    Empty when nothing is said.
    """
    own = (template.get("metadata") or {}).get("name")
    title = fill(template["spec"].get("title"), row.columns)
    cells = {name.strip().lower(): value for name, value in row.columns.items() if value not in (None, "")}
    if key:
        text = row.columns.get(key)
    elif own:
        text = fill(own, row.columns)
    elif isinstance(title, dict):
        text = choose(title, "en") or cells.get("name")
    else:
        text = cells.get("name")
    return slugify("" if text is None else str(text), max_length=LONGEST)


def manifest_of(
    row: rows.RowIn, template: Mapping[str, Any], namespace: str, name: str, mark: numbers.Mark | None
) -> dict[str, Any]:
    """Return the manifest of a row. Raises ValueError with a sentence."""
    faults: list[str] = []
    declared: dict[str, Any] = {}
    for field, value in template["spec"].items():
        try:
            filled = fill(copy.deepcopy(value), row.columns, mark, field)
        except ValueError as error:
            faults.append(str(error))
            continue
        if filled is not None:
            declared[field] = filled
    _usual(row, declared, set(template["spec"]), faults)
    if not name and not faults:
        faults.append("no name can be made of it; fill in the column name")
    if faults:
        raise ValueError("; ".join(faults))
    metadata = dict(fill(template.get("metadata") or {}, row.columns) or {})
    metadata = {"name": name} | {key: value for key, value in metadata.items() if key != "name"}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": template["apiVersion"], "kind": KIND, "metadata": metadata, "spec": declared}


def _usual(row: rows.RowIn, declared: dict[str, Any], written: set[str], faults: list[str]) -> None:
    """Fill in title, address and location from the usual columns."""
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
                value = next((cells[name] for name in usual if name in cells), "")
                declared["location"][field] = degrees(str(value).strip(), field, limit)
            except ValueError as error:
                faults.append(str(error))


def spec_model() -> Any:
    """Return what a spec must be, as the operator knows it; imported late, for --help needs none of it."""
    from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec

    return CoworkingSpaceSpec


def check(spec: dict[str, Any], model: Any, template: Any = None) -> None:
    """Raise ValueError that names each field which the platform would refuse.

    ``template`` is what the spec was made of: where it has columns that were empty, they are named.
    """
    try:
        # The second step catches what the first leaves to the API server's rules.
        model.model_validate(spec).to_contract()
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False)[:5]:
            path = ".".join(str(part) for part in item["loc"])
            if item["type"] == "missing" and (empty := sorted(placeholders(_at(template, item["loc"])))):
                lines.append(f"{' and '.join(empty)} is empty; fill it in for spec.{path}")
                continue
            lines.append(f"spec{'.' if path else ''}{path}: {validator_message(item['msg']).rstrip('.')}")
        raise ValueError("; ".join(lines)) from error


def _at(template: Any, path: Sequence[str | int]) -> Any:
    """Return what a template has at a place, None where it has nothing."""
    for part in path:
        if isinstance(template, dict):
            template = template.get(part)
        elif isinstance(template, list) and isinstance(part, int) and part < len(template):
            template = template[part]
        else:
            return None
    return template


def dump(manifests: list[dict[str, Any]]) -> str:
    """Return one YAML stream."""
    if not manifests:
        return ""
    return yaml.dump_all(manifests, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120, explicit_start=True)
