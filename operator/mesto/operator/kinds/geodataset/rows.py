"""Rows of a file: CSV, JSON (a list of objects), GeoJSON or a GTFS feed's stops, with the GeoJSON geometry beside."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

MAX_BYTES = 64 * 1024 * 1024
_STOPS = "stops.txt"
Form = Literal["csv", "json", "gtfs"]


class Unreadable(Exception):
    """A file that is not what it should be; the message is for people."""


@dataclass(frozen=True)
class RowIn:
    """A row: its number as a person counts (from 1, a CSV's heading not counted), columns, geometry."""

    number: int
    columns: dict[str, Any]
    geometry: dict[str, Any] | None = field(default=None, repr=False)


def read(file: Path) -> list[RowIn]:
    """The rows of a file, by the ending of its name. Raises Unreadable."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Unreadable(f"{file} is larger than 64 MiB. Split it.")
        raw = file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}.") from error
    forms: dict[str, Form] = {".csv": "csv", ".tsv": "csv", ".zip": "gtfs"}
    return parse(raw, forms.get(file.suffix.lower(), "json"), str(file))


def parse(raw: bytes, form: Form, label: str) -> list[RowIn]:
    """The rows in these bytes; ``label`` names them in messages. Raises Unreadable."""
    found = {"csv": _csv, "json": _json, "gtfs": _gtfs}[form](label, raw)
    if not found:
        raise Unreadable(f"{label} has no rows.")
    return found


def _gtfs(label: str, raw: bytes) -> list[RowIn]:
    """A feed's stops without its entrances, nodes and boarding areas, and without the platforms of a station."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as feed:
            if feed.getinfo(_STOPS).file_size > MAX_BYTES:
                raise Unreadable(f"{label}: its {_STOPS} is larger than 64 MiB.")
            listed = _csv(f"{label}, {_STOPS}", feed.read(_STOPS))
    except KeyError as error:
        raise Unreadable(f"{label} has no {_STOPS}: it is not a GTFS feed.") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"{label} is not a ZIP archive: {error}.") from error
    kinds = {"", "0", "1"}  # a stop or platform, and a station, https://gtfs.org/documentation/schedule/reference/
    return [
        row
        for row in listed
        if str(row.columns.get("location_type", "")) in kinds and not row.columns.get("parent_station")
    ]


def _csv(label: str, raw: bytes) -> list[RowIn]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{label} is not UTF-8: save it as CSV UTF-8.") from error
    heading = text.partition("\n")[0]
    delimiter = max("\t;,", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        for number, row in enumerate(reader, 1):
            # Cells beyond the heading have no name, cells that are missing have no value.
            rows.append(RowIn(number, {name.strip(): (value or "").strip() for name, value in row.items() if name}))
    except csv.Error as error:
        raise Unreadable(f"{label}, row {len(rows) + 1}: {error}.") from error
    return rows


def _json(label: str, raw: bytes) -> list[RowIn]:
    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"{label} is not JSON: {error}. Files may be .json, .geojson or .csv.") from error
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        return [_feature(number, item) for number, item in enumerate(document["features"], 1)]
    if not isinstance(document, list):
        raise Unreadable(f"{label} is neither a list of objects nor a GeoJSON FeatureCollection.")
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
