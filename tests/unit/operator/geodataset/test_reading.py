"""Sources of datasets are read in a process that may use so much; whatever they hold there is an answer."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import resource
import struct
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mesto.operator.kinds.geodataset import reading
from mesto.operator.kinds.geodataset.reading import Failed, Job
from mesto.operator.kinds.geodataset.rows import Form, Wrong

SQUARE = {"type": "Polygon", "coordinates": [[[37, 55], [38, 55], [38, 56], [37, 55]]]}
DISTRICT = {"type": "Feature", "properties": {"name": "Arbat"}, "geometry": SQUARE}
CSV = b"name,lat,lon\nPark,55.7,37.6\nBridge,55.8,37.5\n"
STOPS = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "1,Park,55.73,37.59,1,\n2,Platform,55.73,37.59,0,1\n3,Bridge,55.74,37.60,,\n4,Door,55.73,37.59,2,1\n"
    "5,Orphan,55.73,37.59,0,99\n6,Zero,55.73,37.59,,0\n"
)


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def feed(stops: str = STOPS, name: str = "stops.txt", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr(name, stops)
    return packed.getvalue()


class Desk:
    """A folder to read in."""

    def __init__(self, folder: Path) -> None:
        self.source, self.out = folder / "source", folder / "out"

    def job(self, raw: bytes, form: Form, kind: str) -> Job:
        self.source.write_bytes(raw)
        level = "district" if kind == "districts" else ""
        return Job(str(self.source), str(self.out), form, kind, "moscow", level)

    def work(self, raw: bytes, form: Form = "json", kind: str = "districts") -> tuple[dict[str, Any], int]:
        """In this process."""
        skipped = reading.work(self.job(raw, form, kind))
        return json.loads(self.out.read_bytes()), skipped

    def fault(self, raw: bytes, form: Form = "json", kind: str = "districts") -> str:
        with pytest.raises(Wrong) as wrong:
            self.work(raw, form, kind)
        return wrong.value.bare


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_source_becomes_what_geo_is_told(desk: Desk) -> None:
    assert await reading.read(desk.job(gzip.compress(CSV), "csv", "stops")) == 0
    body = json.loads(desk.out.read_bytes())
    assert (body["type"], body["city"]) == ("stops", "moscow")
    assert [feature["name"] for feature in body["features"]] == ["Park", "Bridge"]
    assert await reading.read(desk.job(collection(DISTRICT), "json", "districts")) == 0
    body = json.loads(desk.out.read_bytes())
    assert (body["level"], body["features"][0]["geometry"]) == ("district", SQUARE)


@pytest.mark.parametrize(
    ("raw", "form", "why"),
    [
        (CSV + b"A,55,37\n" * 8_000_000, "csv", "more than 200000 stops"),
        (b"," * 60_000_000, "csv", "longer than a MiB"),
        (CSV + b'"' + b"\n" * 60_000_000, "csv", "row 3"),
        (b"[" + b"[]," * 20_000_000 + b"[]]", "json", "512 MiB of memory"),
        (b'{"features":[' + b"{}," * 20_000_000 + b"{}]}", "json", "512 MiB of memory"),
        (b" " * 80_000_000, "json", "larger than 64 MiB"),
    ],
)
async def test_a_little_that_unpacks_to_much_ends_neither_us_nor_the_machine(
    desk: Desk, raw: bytes, form: Form, why: str
) -> None:
    packed = gzip.compress(raw)
    assert len(packed) < 1 << 20  # fits in a ConfigMap
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Failed, match=why):
        await reading.read(desk.job(packed, form, "stops"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


async def test_a_process_that_dies_or_takes_too_long_is_told_of(desk: Desk) -> None:
    job = desk.job(CSV, "csv", "stops")
    with pytest.raises(Failed, match="128 MiB of memory") as died:
        await reading.read(desk.job(b"[" + b"[]," * 10_000_000 + b"[]]", "json", "stops"), memory_mb=128)
    assert died.value.reason == "TooLarge"
    with pytest.raises(Failed, match=r"within 0\.001 seconds") as late:
        await reading.read(job, seconds=0.001)
    assert late.value.reason == "TooLarge"


async def test_the_reader_knows_nothing_of_the_platform(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a parser can be made to do, it does without our keys: it fails here, for its job is none."""
    monkeypatch.setenv("MESTO_SECRET", "topsecret")
    with pytest.raises(RuntimeError, match="No such file"):
        await reading.read(Job("/nowhere", "/nowhere", "csv", "stops", "moscow"))
    assert "topsecret" not in str(reading.environment())


def test_platforms_go_with_their_station_only_where_it_is_there(desk: Desk) -> None:
    body, skipped = desk.work(feed(), "gtfs", "stops")
    assert [feature["name"] for feature in body["features"]] == ["Park", "Bridge", "Orphan", "Zero"]
    assert skipped == 2  # a platform of a station, and an entrance


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"])
def test_a_declared_system_of_coordinates_may_be_ours(desk: Desk, name: str) -> None:
    desk.work(collection(DISTRICT, crs={"type": "name", "properties": {"name": name}}))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("urn:ogc:def:crs:EPSG::3857", "EPSG:3857"),
        ("EPSG:25832", "EPSG:25832"),
        ("EPSG:14326", "EPSG:14326"),
        ("topsecret", "none that is known"),
        (7, "none that is known"),
    ],
)
def test_another_system_is_refused(desk: Desk, name: object, said: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    for raw in (collection(DISTRICT, crs=crs), collection(DISTRICT | {"geometry": SQUARE | {"crs": crs}})):
        fault = desk.fault(raw)
        assert f"its crs is {said}; convert it to WGS 84" in fault
        assert "topsecret" not in fault


@pytest.mark.parametrize(
    ("raw", "form", "said"),
    [
        (b"name,lat,lon\nA,55,37\nB,55,37,5,topsecret\n", "csv", "row 2: it has 5 cells, the heading has 3"),
        (b"topsecret,lat,lon,TOPSECRET\nA,55,37,x\n", "csv", "columns 1 and 4 have the same heading"),
        (b"topsecret,lat,lon\nA,55,37\n", "csv", "which column is the name"),
        (b"name,lat,lon\ntopsecret,95,37\n", "csv", "row 1: the latitude is not a number between -90 and 90"),
        (b"name,lat,lon\nA,topsecret,37\n", "csv", "row 1: the latitude is not a number"),
        (b"topsecret", "json", "is not JSON (line 1, column"),
        (b"name,lat,lon\n\xff,1,1\n", "csv", "not UTF-8"),
        (b'["topsecret"]', "json", "which column is the name"),
        (b'[{"name":"A","lat":55,"lon":37},"topsecret"]', "json", "row 2: it is no object"),
        (collection({"properties": "topsecret"}), "json", "which column is the name"),
        (collection(DISTRICT, {"properties": ["topsecret"]}), "json", "row 2: its properties are no object"),
        (feed(STOPS.replace("6,Zero,", "6,Zero,topsecret,")), "gtfs", "row 6: it has 7 cells, the heading has 6"),
        (feed(name="topsecret.txt"), "gtfs", "has no stops.txt"),
        (b"topsecret", "gtfs", "is not a whole ZIP archive"),
    ],
)
def test_what_is_wrong_is_said_by_place_and_never_quoted(desk: Desk, raw: bytes, form: Form, said: str) -> None:
    fault = desk.fault(raw, form, "districts" if b"Arbat" in raw else "stops")
    assert said in fault
    assert "topsecret" not in fault.lower()


def test_a_broken_stream_in_an_archive_is_said(desk: Desk) -> None:
    whole = bytearray(feed(STOPS * 50))
    at = whole.index(b"stops.txt") + len("stops.txt")
    whole[at : at + 40] = bytes(reversed(whole[at : at + 40]))
    assert "breaks after line" in desk.fault(bytes(whole), "gtfs", "stops")


def mutated(raw: bytes, seed: int) -> bytes:
    """Bytes flipped, cut out, put in, doubled."""
    chance, out = random.Random(seed), bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0 if out:
                out[at % len(out)] = chance.randrange(256)
            case 1:
                del out[at : at + chance.randint(1, 9)]
            case 2:
                out[at:at] = chance.choice([b"\0", b'"', b",", b"[", b"{", b"null", b"1e999", b"\xff", b"\n"])
            case 3:
                out[at:at] = out[at : at + 30]
            case _ if len(out) > 4:
                out[at : at + 4] = struct.pack("<I", chance.getrandbits(32))
    return bytes(out)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["features", "properties", "geometry", "coordinates", "type", "crs", "name"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32), which=st.integers(0, 4), packed=st.booleans())
def test_whatever_a_file_has_become_there_are_features_or_a_sentence(
    desk: Desk, seed: int, which: int, packed: bool
) -> None:
    raw, form, kind = [
        (CSV, "csv", "stops"),
        (collection(DISTRICT, DISTRICT), "json", "districts"),
        (feed(), "gtfs", "stops"),
        (feed(method=zipfile.ZIP_STORED), "gtfs", "stops"),
        (feed(method=zipfile.ZIP_BZIP2), "gtfs", "stops"),
    ][which]
    raw = mutated(gzip.compress(raw), seed) if packed else mutated(raw, seed)
    with contextlib.suppress(Wrong):
        body, _ = desk.work(raw, form, kind)  # type: ignore[arg-type]
        assert body["features"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=JSON, kind=st.sampled_from(["districts", "stops"]), whole=st.booleans())
def test_any_json_at_all_has_features_or_a_sentence(desk: Desk, document: Any, kind: str, whole: bool) -> None:
    raw = orjson.dumps({"features": [document]} if whole else document)
    with contextlib.suppress(Wrong):
        desk.work(raw, "json", kind)


@pytest.mark.parametrize("raw", [b"", gzip.compress(b"", mtime=0)], ids=["nothing", "packed"])
@pytest.mark.parametrize("form", ["json", "csv", "gtfs"])
def test_an_empty_source_is_called_so(tmp_path: Path, raw: bytes, form: Form) -> None:
    with pytest.raises(Wrong, match="is empty"):
        Desk(tmp_path).work(raw, form, "stops")


def test_a_column_that_nobody_knows_is_asked_for_where_the_manifest_has_it(tmp_path: Path) -> None:
    with pytest.raises(Wrong) as caught:
        Desk(tmp_path).work(b"halte,lat,lon\nA,55.7,37.6\n", "csv", "stops")
    assert "Write the name of the column into spec.mapping.name." in caught.value.bare
    assert "halte" not in caught.value.bare
