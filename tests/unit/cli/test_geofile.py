"""Files as people have them: CSV of all kinds, JSON, GeoJSON; usual and unusual names of columns."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from mesto.cli import geofile
from mesto.cli.failure import Failure
from mesto.operator.kinds.geodataset import rows

POLYGON = {"type": "Polygon", "coordinates": [[[37, 55], [38, 55], [38, 56], [37, 55]]]}


def written(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_delimiter_and_a_byte_order_mark(tmp_path: Path, delimiter: str) -> None:
    lines = [delimiter.join(["name", " lat", "lon"]), delimiter.join(["Арбатская", "55.75", "37.6"])]
    (row,) = rows.read(written(tmp_path, "stops.csv", "\ufeff" + "\r\n".join(lines)))
    assert (row.number, row.columns) == (1, {"name": "Арбатская", "lat": "55.75", "lon": "37.6"})


def test_geojson_points_give_their_coordinates(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"name": "A"},
        "geometry": {"type": "Point", "coordinates": [37.6, 55.75]},
    }
    (row,) = rows.read(written(tmp_path, "a.geojson", {"type": "FeatureCollection", "features": [feature]}))
    assert row.columns == {"name": "A", "longitude": 37.6, "latitude": 55.75}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "not JSON"),
        ("a.json", {"name": "one"}, "neither a list"),
        ("a.json", [], "no rows"),
        ("a.csv", "name,lat\n", "no rows"),
        ("a.csv", "", r"a\.csv is empty"),
        ("a.csv", "\n\n", "begins with an empty line"),
        ("a.json", " \n", r"a\.json is empty"),
        ("a.zip", "", r"a\.zip is empty"),
    ],
)
def test_a_file_that_is_no_list_says_so(tmp_path: Path, name: str, content: object, said: str) -> None:
    with pytest.raises(rows.Unreadable, match=said):
        rows.read(written(tmp_path, name, content))


@pytest.mark.parametrize("text", ["name,lat,lon\nA,55.7,37.6\n", '[{"name": "A", "lat": 55.7, "lon": 37.6}]'])
def test_a_dash_is_the_standard_input(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    features, bad = geofile.read(Path("-"), "stops", {})
    assert ([feature["name"] for feature in features], bad) == (["A"], [])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(Failure, match="The standard input is empty"):
        geofile.read(Path("-"), "stops", {})


def test_a_missing_file_and_another_encoding_say_so(tmp_path: Path) -> None:
    with pytest.raises(rows.Unreadable, match=r"gone\.csv cannot be read: No such file"):
        rows.read(tmp_path / "gone.csv")
    file = tmp_path / "old.csv"
    file.write_bytes("название\nАрбат".encode("cp1251"))
    with pytest.raises(rows.Unreadable, match="not UTF-8"):
        rows.read(file)


def test_stations_as_an_open_data_portal_gives_them(tmp_path: Path) -> None:
    station = {"Name": "Перово", "Lat": 55.75, "Lon": 37.78, "Line": "Калининская", "LineColor": "FFCD1C", "Order": 2}
    features, bad = geofile.read(written(tmp_path, "metro.json", [station]), "stops", {})
    assert bad == []
    assert features == [{"name": "Перово", "line": "Калининская", "lat": 55.75, "lon": 37.78, "color": "#FFCD1C"}]


def test_districts_take_the_language_of_their_name(tmp_path: Path) -> None:
    both = {"properties": {"name": "Арбат", "name_lat": "Arbat"}, "geometry": POLYGON}
    english = {"properties": {"name": "SoHo"}, "geometry": POLYGON}
    file = written(tmp_path, "d.geojson", {"features": [both, english]})
    features, bad = geofile.read(file, "districts", {})
    assert bad == []
    assert [feature["name"] for feature in features] == [{"ru": "Арбат", "en": "Arbat"}, {"ru": None, "en": "SoHo"}]


def test_unusual_columns_need_a_mapping(tmp_path: Path) -> None:
    file = written(tmp_path, "s.csv", "halte,n,o\nA,55.7,37.6\n")
    with pytest.raises(Failure, match=r"Columns: halte, n, o\. Say which by a mapping: name=COLUMN,latitude=COLUMN"):
        geofile.read(file, "stops", {})
    mapping = geofile.parse_mapping("name=halte, latitude=n,longitude=o", "stops")
    features, _ = geofile.read(file, "stops", mapping)
    assert features == [{"name": "A", "line": None, "lat": 55.7, "lon": 37.6, "color": None}]
    with pytest.raises(Failure, match='no column "nom"'):
        geofile.read(file, "stops", {"name": "nom"})


@pytest.mark.parametrize("text", ["name", "name=", "river=x", "=x"])
def test_a_wrong_mapping_lists_the_fields(text: str) -> None:
    with pytest.raises(Failure, match="Fields of districts: name, nameLatin, slug"):
        geofile.parse_mapping(text, "districts")


def test_each_bad_row_has_a_sentence(tmp_path: Path) -> None:
    file = written(tmp_path, "s.csv", 'name,lat,lon\n,55,37\nA,95,37\nB,,37\nC,55,"37,5"\nD,x,37\n')
    features, bad = geofile.read(file, "stops", {})
    assert [feature["name"] for feature in features] == ["C"]
    assert features[0]["lon"] == 37.5
    assert bad == [
        "row 1: it has no name; fill the column in",
        'row 2: the latitude "95" is not a number between -90 and 90; write degrees, as in 37.61',
        "row 3: it has no latitude: a number between -90 and 90; write degrees, as in 37.61",
        'row 5: the latitude "x" is not a number between -90 and 90; write degrees, as in 37.61',
    ]


def test_a_district_without_an_outline_has_a_sentence(tmp_path: Path) -> None:
    _, bad = geofile.read(written(tmp_path, "d.json", [{"name": "Arbat"}]), "districts", {})
    assert bad == ['row 1: "Arbat" has no geometry; districts come from GeoJSON with Polygon or MultiPolygon']
