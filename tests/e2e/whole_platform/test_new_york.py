"""All real coworkings of New York, imported as a platform team would, with real districts."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from mestolocal.paths import REPO
from support.clients.spaces import conditions, is_ready
from support.servers.platform import Platform
from support.waiting import eventually

DATA = Path(os.environ.get("MESTO_SHARED", REPO.parent / "shared")) / "data"
TEMPLATE = REPO / "examples" / "import" / "template-new-york.yaml"


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data set is not beside this checkout")
def test_every_coworking_of_new_york_becomes_ready(platform: Platform, record_property: Any) -> None:
    for borough in ("manhattan", "brooklyn"):
        file = DATA / f"new-york-{borough}.geojson"
        platform.mesto(
            "geo", "load", str(file), "--city", "new-york", "--type", "districts", "--name", f"nyc-{borough}"
        )
    namespace = platform.namespace("new-york")
    manifests = platform.mesto(
        "spaces", "import", str(DATA / "nyc-coworkings.json"), "--template", str(TEMPLATE), "-o", "yaml"
    )
    started = time.monotonic()
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=manifests)
    applied = time.monotonic()

    def everything() -> list[dict[str, Any]]:
        found = platform.resources("cws", namespace)
        waiting = [resource["metadata"]["name"] for resource in found if not is_ready(resource)]
        assert len(found) == 65
        assert not waiting, waiting
        return found

    found = eventually(everything, "all 65 spaces of New York are Ready")
    record_property("seconds_from_apply_to_all_ready", round(time.monotonic() - started, 1))
    record_property("seconds_of_kubectl_apply", round(applied - started, 1))
    located = [conditions(resource)["Located"] for resource in found]
    assert {condition["status"] for condition in located} == {"True"}
    assert sum(condition["reason"] == "NoDistrict" for condition in located) == 9
    listed = httpx.get(f"{platform.gateway}/api/catalog/spaces?city=new-york&limit=100", timeout=15).json()
    assert listed["total"] == 65


def test_an_applied_space_is_found_by_search(platform: Platform, record_property: Any) -> None:
    from support.clients.spaces import dump, space

    namespace = platform.namespace("found")
    started = time.monotonic()
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space("found-loft")))
    url = f"{platform.gateway}/api/catalog/spaces?city=moscow&limit=100"

    def found() -> bool:
        return any(item["slug"] == "found-loft" for item in httpx.get(url, timeout=15).json()["items"])

    eventually(found, "found-loft in the list")
    record_property("seconds_from_apply_to_found", round(time.monotonic() - started, 2))


def test_mesto_import_says_what_is_wrong_with_a_row(platform: Platform, tmp_path: Path) -> None:
    rows = [
        {"name": "Good", "address": "1 Main St", "lat": "40.7", "lng": "-74.0"},
        {"name": "", "address": "x", "lat": "95", "lng": "0"},
    ]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows))
    done = subprocess.run(
        [*platform.mesto_command, "spaces", "import", str(file), "--template", str(TEMPLATE), "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "row 2" in done.stderr.lower()
    assert "Traceback" not in done.stderr
