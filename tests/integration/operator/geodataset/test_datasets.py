"""GeoDatasets against a real API server and a real geo: from ConfigMaps and addresses, to rows, and back to right."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.server
import io
import json
import threading
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from support.clients.spaces import conditions
from support.servers.geo import square
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    return new_platform("catalog", "geo", "operator", env={"MESTO_OPERATOR_REFUSED_SECONDS": "2"}, tasks=False)


@pytest.fixture
def ns(stage: Platform) -> Iterator[str]:
    """A namespace whose datasets go, and their rows with them, after the test."""
    name = stage.namespace(f"geo-{uuid.uuid4().hex[:8]}")
    yield name
    for dataset in stage.resources("gds", name):
        stage.change("gds", dataset["metadata"]["name"], name, {"spec": {"deletionPolicy": "Delete"}})
    stage.delete_all("gds", name)


def geojson(*names: str, at: float = 37.0) -> str:
    """Squares beside each other."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": square(name, at + number * 0.1, 55.0)["geometry"]}
        for number, name in enumerate(names)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def dataset(name: str = "d", **spec: Any) -> Manifest:
    source = {"configMap": {"name": name, "key": "data"}}
    default = {"city": "moscow", "type": "Districts", "format": "GeoJSON", "source": source}
    metadata = {"name": name}
    return {"apiVersion": "mesto.dev/v1alpha1", "kind": "GeoDataset", "metadata": metadata, "spec": default | spec}


def config_map(text: str = "", *, name: str = "d", binary: bytes = b"") -> Manifest:
    data = {"binaryData": {"data": base64.b64encode(binary).decode()}} if binary else {"data": {"data": text}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **data}


def resync(stage: Platform, ns: str, name: str = "d") -> None:
    stage.annotate("gds", name, ns, f"mesto.dev/resync={uuid.uuid4().hex}")


def get(stage: Platform, ns: str, name: str = "d") -> Manifest:
    return stage.resource("gds", name, ns)


def wait(stage: Platform, ns: str, kind: str, status: str, reason: str, *, name: str = "d", say: str = "") -> Manifest:
    """The resource once the condition says this about its own generation."""

    def condition_reached() -> Manifest:
        resource = get(stage, ns, name)
        condition = conditions(resource).get(kind, {})
        told = (condition.get("status"), condition.get("reason"), condition.get("observedGeneration"))
        assert told == (status, reason, resource["metadata"]["generation"]), condition
        assert say in condition["message"], condition
        return resource

    found = eventually(condition_reached, f"{kind} of {name} is {status} {reason} {say}")
    assert found is not None
    return found


def names(stage: Platform, ns: str, name: str = "d") -> list[str]:
    rows = stage.sql("SELECT name ->> 'en' FROM geo.districts WHERE dataset = %s ORDER BY id", f"{ns}.{name}")
    return [row[0] for row in rows]


def events(stage: Platform, ns: str) -> list[str]:
    found = stage.resources("events", ns)
    return [event["reason"] for event in found]


def test_districts_of_a_config_map_are_loaded_and_follow_it(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(geojson("Arbat", "Basmanny")), dataset())
    status = wait(stage, ns, "Ready", "True", "Ready")["status"]
    assert names(stage, ns) == ["Arbat", "Basmanny"]
    assert (status["features"], status["repaired"], len(status["checksum"])) == (2, 0, 64)
    eventually(lambda: "Ready" in events(stage, ns), "an Event")
    columns = stage.kubectl("get", "gds", "d", "-n", ns).splitlines()
    assert columns[0].split() == ["NAME", "READY", "REASON", "CITY", "TYPE", "FEATURES", "LOADED", "AGE"]
    assert columns[1].split()[1:6] == ["True", "Ready", "moscow", "Districts", "2"]
    stage.apply(ns, config_map(geojson("Arbat")))
    resync(stage, ns)
    eventually(lambda: names(stage, ns) == ["Arbat"], "the rows follow the ConfigMap")
    assert stage.kubectl("get", "gds", "-n", ns, "--field-selector", "spec.city=atlantis", "-o", "name") == ""


def test_packed_bytes_are_unpacked(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(binary=gzip.compress(geojson("Packed").encode())), dataset())
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["Packed"]


def test_stops_of_a_transit_feed_are_loaded(stage: Platform, ns: str) -> None:
    feed = io.BytesIO()
    with zipfile.ZipFile(feed, "w") as packed:
        packed.writestr(
            "stops.txt",
            "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
            "1,Park,55.73,37.59,1,\n2,Park platform,55.73,37.59,0,1\n3,Bridge,55.74,37.60,,\n4,Door,55.73,37.59,2,1\n",
        )
    stage.apply(ns, config_map(binary=feed.getvalue()), dataset(type="Stops", format="GTFS"))
    wait(stage, ns, "Ready", "True", "Ready")
    rows = stage.sql("SELECT name FROM geo.stops WHERE dataset = %s ORDER BY id", f"{ns}.d")
    assert rows == [("Park",), ("Bridge",)]


@pytest.mark.parametrize(
    ("changes", "data", "reason", "say"),
    [
        ({}, None, "SourceNotFound", 'There is no ConfigMap "d"'),
        ({"source": {"configMap": {"name": "d", "key": "other"}}}, geojson("A"), "SourceNotFound", "Its keys: data"),
        ({"city": "atlantis"}, geojson("A"), "UnknownCity", "atlantis"),
        ({}, "{", "InvalidData", "is not JSON"),
        ({"mapping": {"name": "title"}}, geojson("A"), "InvalidData", 'no column "title"'),
        ({}, geojson("Good", ""), "InvalidData", "row 2: it has no name"),
        ({}, geojson("A", at=300.0), "InvalidData", "feature 1: its coordinates"),
        (
            {"source": {"configMap": {"name": "d", "key": "data"}, "sha256": "0" * 64}},
            geojson("A"),
            "ChecksumMismatch",
            "hashes to",
        ),
    ],
)
def test_what_cannot_be_loaded_says_why_and_is_loaded_once_it_is_right(
    stage: Platform, ns: str, changes: Manifest, data: str | None, reason: str, say: str
) -> None:
    stage.apply(ns, *([config_map(data)] if data is not None else []), dataset(**changes))
    wait(stage, ns, "Ready", "False", reason, say=say)
    assert names(stage, ns) == []
    eventually(lambda: reason in events(stage, ns), "an Event")
    stage.apply(ns, config_map(geojson("Right")), dataset())
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["Right"]


def test_a_little_that_unpacks_to_much_is_refused_and_nothing_else_suffers(stage: Platform, ns: str) -> None:
    bomb = gzip.compress(b'[{"name":"A"},' + b"[]," * 20_000_000 + b"[]]")
    stage.apply(ns, config_map(binary=bomb), dataset(type="Stops", format="JSON"))
    found = wait(stage, ns, "Ready", "False", "TooLarge", say="MiB of memory")
    assert found["status"]["lastAttempt"]["outcome"] == "TooLarge"
    stage.apply(ns, config_map(geojson("Right"), name="e"), dataset("e"))
    wait(stage, ns, "Ready", "True", "Ready", name="e")


def test_a_broken_source_leaves_what_was_loaded(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(geojson("Old")), dataset())
    wait(stage, ns, "Ready", "True", "Ready")
    stage.apply(ns, config_map(geojson("New", "")))
    resync(stage, ns)
    wait(stage, ns, "Synced", "False", "InvalidData", say="What was loaded before stays: row 2")
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["Old"]


def test_rows_edited_by_sql_are_put_right_and_told(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(geojson("Arbat")), dataset())
    wait(stage, ns, "Ready", "True", "Ready")
    stage.sql("""UPDATE geo.districts SET name = '{"en": "Edited"}' WHERE dataset = %s""", f"{ns}.d")
    resync(stage, ns)
    eventually(lambda: names(stage, ns) == ["Arbat"], "the rows are put right")
    eventually(lambda: "DriftCorrected" in events(stage, ns), "an Event")


@pytest.mark.parametrize(("policy", "left"), [("Retain", ["Arbat"]), ("Delete", [])])
def test_deletion_keeps_or_removes_the_rows(stage: Platform, ns: str, policy: str, left: list[str]) -> None:
    stage.apply(ns, config_map(geojson("Arbat")), dataset(deletionPolicy=policy))
    wait(stage, ns, "Ready", "True", "Ready")
    stage.delete("gds", "d", ns)
    assert names(stage, ns) == left
    stage.apply(ns, dataset())  # it takes back what was kept
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["Arbat"]


def test_a_paused_dataset_is_left_alone(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(geojson("Old")), dataset())
    wait(stage, ns, "Ready", "True", "Ready")
    stage.annotate("gds", "d", ns, "mesto.dev/paused=true")
    stage.apply(ns, config_map(geojson("New")), dataset(level="okrug"))
    wait(stage, ns, "Ready", "False", "Paused")
    assert names(stage, ns) == ["Old"]
    stage.annotate("gds", "d", ns, "mesto.dev/paused-")
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["New"]


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An address, and what is there by path; anything else is 404."""
    pages: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()


def test_an_address_is_read_where_the_namespace_may_name_it(
    stage: Platform, ns: str, site: tuple[str, dict[str, bytes]]
) -> None:
    address, pages = site
    pages["/d.geojson"] = geojson("Far").encode()
    stage.apply(ns, dataset(source={"url": f"{address}/d.geojson"}))
    wait(stage, ns, "Ready", "False", "SourceRefused", say="mesto.dev/allow-private-addresses")
    assert names(stage, ns) == []
    stage.change("namespace", ns, "", {"metadata": {"labels": {"mesto.dev/allow-private-addresses": "true"}}})
    wait(stage, ns, "Ready", "True", "Ready")
    assert names(stage, ns) == ["Far"]
    pages["/d.geojson"] = geojson("Further").encode()
    resync(stage, ns)
    eventually(lambda: names(stage, ns) == ["Further"], "the address is read again")
    pages["/d.geojson"] = b"topsecret"
    resync(stage, ns)
    kept = wait(stage, ns, "Synced", "False", "InvalidData", say="not JSON")
    assert "topsecret" not in json.dumps(kept)
    stage.apply(ns, dataset(source={"url": f"{address}/gone.geojson"}))
    wait(stage, ns, "Ready", "False", "SourceRefused", say="answered 404")
    assert names(stage, ns) == ["Further"]


def test_districts_lie_in_the_okrug_that_holds_most_of_them(stage: Platform, ns: str) -> None:
    okrugs = {"type": "FeatureCollection", "features": []}
    for name, west in (("West", 37.0), ("East", 37.16)):
        shape = square(name, west, 54.9, 0.16)["geometry"]
        okrugs["features"].append({"type": "Feature", "properties": {"name": name}, "geometry": shape})  # type: ignore[attr-defined]
    stage.apply(ns, config_map(geojson("First", "Second")), dataset())
    stage.apply(ns, config_map(json.dumps(okrugs), name="o"), dataset("o", level="okrug"))
    wait(stage, ns, "Ready", "True", "Ready")
    wait(stage, ns, "Ready", "True", "Ready", name="o")
    rows = stage.sql("SELECT slug, parent FROM geo.districts WHERE dataset = %s ORDER BY id", f"{ns}.d")
    assert rows == [("first", "west"), ("second", "west")]
    stage.change("gds", "o", ns, {"spec": {"deletionPolicy": "Delete"}})
    stage.delete("gds", "o", ns)
    rows = stage.sql("SELECT slug, parent FROM geo.districts WHERE dataset = %s ORDER BY id", f"{ns}.d")
    assert rows == [("first", None), ("second", None)]


def test_deletion_waits_for_geo_and_says_so(stage: Platform, ns: str) -> None:
    stage.apply(ns, config_map(geojson("Arbat")), dataset(deletionPolicy="Delete"))
    wait(stage, ns, "Ready", "True", "Ready")
    stage.stop("geo")
    stage.delete("gds", "d", ns, wait=False)
    # A deletion does not change the generation, so the condition is of the one that was applied.
    wait(stage, ns, "Ready", "False", "DeletionWaits", say="geo does not answer")
    stage.start("geo")

    def gone() -> bool:
        return stage.gone("gds", "d", ns)

    eventually(gone, "the resource is gone")
    assert names(stage, ns) == []
