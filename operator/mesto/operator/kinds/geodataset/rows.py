"""Rows of a file: CSV, JSON (a list of objects), GeoJSON or a GTFS feed's stops, with the GeoJSON geometry beside.

CSV and GTFS are read line by line. Whoever reads a file of strangers does so in a process of its own (``reading``):
JSON takes many times its length in memory.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import orjson

MAX_BYTES = 64 * 1024 * 1024
_STOPS = "stops.txt"
_LONGEST_LINE = 1 << 20
_MOST_COLUMNS = 1000
STDIN = "-"
Form = Literal["csv", "json", "gtfs"]
_URN = r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?"
_WGS84 = re.compile(rf"urn:ogc:def:crs:OGC:[\d.]*:CRS84|{_URN}4326|https?://www\.opengis\.net/.*/CRS84|WGS84", re.I)
_NUMBERED = re.compile(rf"{_URN}(\d{{4,6}})", re.I)


class Wrong(ValueError):
    """What is wrong with a row or a file, for people. ``bare`` says it without a word of the file's own.

    Whoever reads the message may not be allowed to read the file: a condition of a resource, for example.
    """

    def __init__(self, said: str, bare: str = "") -> None:
        super().__init__(said)
        self.bare = bare or said


class Unreadable(Wrong):
    """A file that is not what it should be."""


class TooLarge(Unreadable):
    """A file that holds more than is taken."""


@dataclass(frozen=True)
class RowIn:
    """A row: its number as a person counts (from 1, a CSV's heading not counted), columns, geometry.

    ``fault`` says why it is no row, where it is none.
    """

    number: int
    columns: dict[str, object]
    geometry: dict[str, object] | None = field(default=None, repr=False)
    fault: str = ""


class Rows:
    """The rows of one file, to be read once. ``columns`` are the names of all; ``skipped`` counts what was left out.

    Both iterating and making one raise Unreadable.
    """

    def __init__(self, columns: Sequence[str], rows: Iterator[RowIn], label: str) -> None:
        self.columns, self.skipped = tuple(columns), 0
        self._rows, self._label = rows, label

    def __iter__(self) -> Iterator[RowIn]:
        found = False
        for row in self._rows:
            found = True
            yield row
        if not found:
            raise Unreadable(f"{self._label} has no rows.")


def read(file: Path) -> list[RowIn]:
    """Return the rows of a file, by the ending of its name; ``-`` is the standard input. Raises Unreadable."""
    return list(read_rows(file))


def read_rows(file: Path) -> Rows:
    """Return the same with the names of the columns, to be iterated once."""
    if str(file) == STDIN:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Unreadable("The standard input is larger than 64 MiB. Split it.")
        return parse(io.BytesIO(raw), _form_of(raw), name_of(file))
    forms: dict[str, Form] = {".csv": "csv", ".tsv": "csv", ".zip": "gtfs"}
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Unreadable(f"{file} is larger than 64 MiB. Split it.")
        raw = file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}.") from error
    return parse(io.BytesIO(raw), forms.get(file.suffix.lower(), "json"), str(file))


def name_of(file: Path) -> str:
    """Return how a file is called in messages."""
    return "The standard input" if str(file) == STDIN else str(file)


def _form_of(raw: bytes) -> Form:
    """Return what a file without a name is, by its first characters."""
    if raw.startswith(b"PK\x03\x04"):
        return "gtfs"
    return "json" if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{") else "csv"


def parse(file: IO[bytes], form: Form, label: str) -> Rows:
    """Return the rows in a file that stays open meanwhile; ``label`` names it in messages. Raises Unreadable."""
    if not file.read(1):
        raise Unreadable(f"{label} is empty.")
    file.seek(0)
    return {"csv": _csv, "json": _json, "gtfs": _gtfs}[form](label, file)


def _gtfs(label: str, file: IO[bytes]) -> Rows:
    """Return a feed's stops without its entrances, nodes and boarding areas, and without the platforms of a station.

    https://gtfs.org/documentation/schedule/reference/#stopstxt
    """
    try:
        feed = zipfile.ZipFile(file)
        if feed.getinfo(_STOPS).file_size > MAX_BYTES:
            raise TooLarge(f"{label}: its {_STOPS} is larger than 64 MiB.")
        stations = {row.columns.get("stop_id") for row in _packed(label, feed) if _kind(row) == "1"}
        listed = _packed(label, feed)
        rows = Rows(listed.columns, iter(()), label)
    except KeyError as error:
        raise Unreadable(f"{label} has no {_STOPS}: it is not a GTFS feed.") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"{label} is not a whole ZIP archive.") from error

    def stops() -> Iterator[RowIn]:
        for row in listed:
            # A platform goes with its station; one whose station is not there is a stop of its own.
            platform = row.columns.get("parent_station") in stations and row.columns.get("parent_station")
            if _kind(row) == "1" or (_kind(row) == "0" and not platform):
                yield row
            else:
                rows.skipped += 1

    rows._rows = stops()
    return rows


def _kind(row: RowIn) -> str:
    """Return the location type: 0, or an empty cell, is a stop or a platform; 1 a station."""
    return str(row.columns.get("location_type") or "0")


def _packed(label: str, feed: zipfile.ZipFile) -> Rows:
    return _csv(f"{label}, {_STOPS}", feed.open(_STOPS))


def _csv(label: str, file: IO[bytes]) -> Rows:
    lines = _lines(label, file)
    first = next(lines, "")
    delimiter = max("\t;,", key=first.count)
    reader = csv.reader(_chained(first, lines), delimiter=delimiter)
    headings = [name.strip() for name in next(reader, [])]
    if not any(headings):
        raise Unreadable(f"{label} begins with an empty line: write the heading there.")
    if len(headings) > _MOST_COLUMNS:
        raise TooLarge(f"{label} has more than {_MOST_COLUMNS} columns.")
    _different(label, headings)
    return Rows([name for name in headings if name], _cells(label, headings, reader), label)


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def _lines(label: str, file: IO[bytes]) -> Iterator[str]:
    """Yield lines of text, none longer than a MiB. Raises Unreadable."""
    text, number = io.TextIOWrapper(file, "utf-8-sig", newline=""), 0
    try:
        while line := text.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE:
                raise TooLarge(f"{label}: line {number} is longer than a MiB.")
            yield line
    except UnicodeDecodeError as error:
        raise Unreadable(f"{label} is not UTF-8: save it as CSV UTF-8.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise Unreadable(f"{label} ends or breaks after line {number}.") from error


def _different(label: str, headings: Sequence[str]) -> None:
    """Raises Unreadable where two columns have one heading: nobody can say which of them is meant."""
    first: dict[str, int] = {}
    for number, name in enumerate(headings, 1):
        if name and (before := first.setdefault(name.casefold(), number)) != number:
            both = f"columns {before} and {number} have the same heading"
            raise Unreadable(f'{label}: {both}, "{name}"; rename one.', f"{label}: {both}; rename one.")


def _cells(label: str, headings: Sequence[str], reader: Iterator[list[str]]) -> Iterator[RowIn]:
    number = 0
    try:
        for cells in reader:
            if not cells:
                continue  # an empty line
            number += 1
            if len(cells) > len(headings):
                raise Unreadable(
                    f"{label}, row {number}: it has {len(cells)} cells, the heading has {len(headings)}; "
                    "a text with the delimiter in it must stand in quotes."
                )
            # Cells that are missing at the end have no value.
            padded = [*cells, *[""] * (len(headings) - len(cells))]
            yield RowIn(number, {name: cell.strip() for name, cell in zip(headings, padded, strict=True) if name})
    except csv.Error as error:
        raise Unreadable(f"{label}, row {number + 1}: {error}.") from error


def _json(label: str, file: IO[bytes]) -> Rows:
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"{label} is larger than 64 MiB.")
    if not raw.strip():
        raise Unreadable(f"{label} is empty.")
    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        if "memory" in error.msg:
            raise MemoryError from error
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"{label} is not JSON ({where}). Files may be .json, .geojson or .csv.") from error
    del raw
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        if wrong := _other_system(document.get("crs")):
            raise Unreadable(f"{label}: {wrong}.")
        items, row_of = document["features"], _feature
    elif isinstance(document, list):
        items, row_of = document, _object
    else:
        raise Unreadable(f"{label} is neither a list of objects nor a GeoJSON FeatureCollection.")
    names: dict[str, None] = {}
    for item in items:
        names |= dict.fromkeys(row_of(0, item).columns)
    return Rows(tuple(names), (row_of(number, item) for number, item in enumerate(items, 1)), label)


def _other_system(declared: object) -> str:
    """Return what is wrong with a declared system of coordinates, as GeoJSON had it before RFC 7946.

    Empty for WGS 84.
    """
    properties = declared.get("properties") if isinstance(declared, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if declared is None or (isinstance(name, str) and _WGS84.fullmatch(name)):
        return ""
    numbered = _NUMBERED.fullmatch(name) if isinstance(name, str) else None
    known = f"EPSG:{numbered[1]}" if numbered else "none that is known"
    return f"its crs is {known}; convert it to WGS 84 (EPSG:4326), for example by ogr2ogr -t_srs EPSG:4326"


def _object(number: int, item: object) -> RowIn:
    return RowIn(number, item) if isinstance(item, dict) else RowIn(number, {}, fault="it is no object")


def _feature(number: int, item: object) -> RowIn:
    if not isinstance(item, dict):
        return RowIn(number, {}, fault="it is no object")
    properties, geometry = item.get("properties"), item.get("geometry")
    if properties is not None and not isinstance(properties, dict):
        return RowIn(number, {}, fault="its properties are no object")
    columns = dict(properties or {})
    if not isinstance(geometry, dict):
        return RowIn(number, columns)
    if wrong := _other_system(item.get("crs")) or _other_system(geometry.get("crs")):
        return RowIn(number, columns, fault=wrong)
    point = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(point, list) and len(point) >= 2:
        columns = {"longitude": point[0], "latitude": point[1]} | columns
    return RowIn(number, columns, geometry)
