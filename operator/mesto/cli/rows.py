"""Rows of a file: CSV, JSON (a list of objects) or GeoJSON, all as flat records with the GeoJSON geometry beside."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from mesto.cli.failure import Failure

MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class RowIn:
    """A row: its number as a person counts (from 1, a CSV's heading not counted), columns, geometry."""

    number: int
    columns: dict[str, Any]
    geometry: dict[str, Any] | None = field(default=None, repr=False)


def read(file: Path) -> list[RowIn]:
    """The rows of a file. Raises Failure when it cannot be read as what it seems to be."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Failure(f"{file} is larger than 64 MiB. Split it.")
        raw = file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
    found = _csv(file, raw) if file.suffix.lower() in (".csv", ".tsv") else _json(file, raw)
    if not found:
        raise Failure(f"{file} has no rows.")
    return found


def _csv(file: Path, raw: bytes) -> list[RowIn]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8: save it as CSV UTF-8.") from error
    heading = text.partition("\n")[0]
    delimiter = max("\t;,", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        for number, row in enumerate(reader, 1):
            # Cells beyond the heading have no name, cells that are missing have no value.
            rows.append(RowIn(number, {name.strip(): (value or "").strip() for name, value in row.items() if name}))
    except csv.Error as error:
        raise Failure(f"{file}, row {len(rows) + 1}: {error}.") from error
    return rows


def _json(file: Path, raw: bytes) -> list[RowIn]:
    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Failure(f"{file} is not JSON: {error}. Files may be .json, .geojson or .csv.") from error
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        return [_feature(number, item) for number, item in enumerate(document["features"], 1)]
    if not isinstance(document, list):
        raise Failure(f"{file} is neither a list of objects nor a GeoJSON FeatureCollection.")
    return [RowIn(number, item if isinstance(item, dict) else {}) for number, item in enumerate(document, 1)]


def _feature(number: int, feature: Any) -> RowIn:
    if not isinstance(feature, dict):
        return RowIn(number, {})
    columns = dict(feature.get("properties") or {})
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return RowIn(number, columns)
    point = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(point, list) and len(point) >= 2:
        columns = {"longitude": point[0], "latitude": point[1]} | columns
    return RowIn(number, columns, geometry)
