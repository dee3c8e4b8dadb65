"""From rows to the features of a dataset: which column is what, guessed from usual names or told by a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mesto.operator.kinds.geodataset.rows import RowIn, Rows, Unreadable, Wrong

# Usual names of columns, compared without case, spaces, - and _.
USUAL: dict[str, tuple[str, ...]] = {
    "name": ("name", "title", "stop_name", "station", "название", "nameru"),
    "nameLatin": ("name_lat", "name_latin", "name_en", "name:en", "int_name"),
    "slug": ("slug",),
    "line": ("line", "line_name", "route", "линия"),
    "color": ("color", "colour", "line_color", "linecolour"),
    "latitude": ("latitude", "lat", "stop_lat", "y"),
    "longitude": ("longitude", "lon", "lng", "stop_lon", "x"),
}
FIELDS = {"districts": ("name", "nameLatin", "slug"), "stops": ("name", "line", "color", "latitude", "longitude")}
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_COLOR = re.compile(r"^#?([0-9a-fA-F]{6})$")


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def columns_of(names: Sequence[str], kind: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return which column holds which field. Raises Unreadable when a column named by the mapping is nowhere."""
    present = {_plain(name): name for name in reversed(names)}
    chosen: dict[str, str] = {}
    for field in FIELDS[kind]:
        if field in mapping:
            if _plain(mapping[field]) not in present:
                no = f'here is no column "{mapping[field]}".'
                raise Unreadable(f"T{no} Columns: {', '.join(names) or 'none'}.", f"spec.mapping.{field}: t{no}")
            chosen[field] = present[_plain(mapping[field])]
            continue
        for usual in USUAL[field]:
            if _plain(usual) in present:
                chosen[field] = present[_plain(usual)]
                break
    return chosen


def features(
    found: Rows, kind: str, mapping: Mapping[str, str], label: str
) -> Iterator[tuple[int, dict[str, object] | Wrong]]:
    """Yield for each row its number, and a feature for geo or why it cannot be one.

    Raises Unreadable for the rows as a whole, some of them read or none.
    """
    columns = columns_of(found.columns, kind, mapping)
    needed = ("name",) if kind == "districts" else ("name", "latitude", "longitude")
    if missing := [field for field in needed if field not in columns]:
        words = ",".join(f"{field}=COLUMN" for field in missing)
        what, how = f"{label}: I cannot tell which column is the {missing[0]}.", f"Say which by a mapping: {words}."
        fields = " and ".join(f"spec.mapping.{field}" for field in missing)
        bare = f"{what} Write the name of the column into {fields}."
        raise Unreadable(f"{what} Columns: {', '.join(found.columns) or 'none'}. {how}", bare)
    made = _district if kind == "districts" else _stop
    for row in found:
        try:
            if row.fault:
                raise Wrong(row.fault)
            yield row.number, made(row, columns)
        except Wrong as error:
            yield row.number, error


def _cell(row: RowIn, columns: Mapping[str, str], field: str) -> str:
    value = row.columns.get(columns.get(field, ""))
    return "" if value is None else str(value).strip()


def _district(row: RowIn, columns: Mapping[str, str]) -> dict[str, object]:
    name, latin = _cell(row, columns, "name"), _cell(row, columns, "nameLatin")
    if not name and not latin:
        raise Wrong("it has no name; fill the column in")
    if row.geometry is None:
        why = "has no geometry; districts come from GeoJSON with Polygon or MultiPolygon"
        raise Wrong(f'"{name or latin}" {why}', f"it {why}")
    # Files carry more than GeoJSON's own members here (bbox, crs); geo takes no unknown fields.
    geometry = {key: row.geometry[key] for key in ("type", "coordinates") if key in row.geometry}
    russian = bool(_CYRILLIC.search(name))
    names = {"ru": name if russian else None, "en": latin or (None if russian else name)}
    district: dict[str, object] = {"name": names, "geometry": geometry}
    if slug := _cell(row, columns, "slug"):
        district["slug"] = slug
    return district


def _stop(row: RowIn, columns: Mapping[str, str]) -> dict[str, object]:
    name = _cell(row, columns, "name")
    if not name:
        raise Wrong("it has no name; fill the column in")
    stop: dict[str, object] = {"name": name, "line": _cell(row, columns, "line") or None}
    for field, short, limit in (("latitude", "lat", 90), ("longitude", "lon", 180)):
        stop[short] = degrees(_cell(row, columns, field), field, limit)
    color = _COLOR.match(_cell(row, columns, "color"))
    stop["color"] = f"#{color[1]}" if color else None
    return stop


def degrees(text: str, field: str, limit: int) -> float:
    """Return a coordinate. Raises Wrong with a sentence that says what to write."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not -limit <= value <= limit:
        how = f"a number between -{limit} and {limit}; write degrees, as in 37.61"
        if not text:
            raise Wrong(f"it has no {field}: {how}")
        raise Wrong(f'the {field} "{text}" is not {how}', f"the {field} is not {how}")
    return value
