"""The `mesto` command against real services."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from mestolocal.paths import REPO
from support.servers.platform import Platform

EXAMPLES = REPO / "examples"


@pytest.fixture(scope="module")
def small_platform(new_platform: Any) -> Platform:
    """Only what the command talks to."""
    platform: Platform = new_platform("auth", "geo", frontend=False)
    return platform


def mesto(platform: Platform, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*platform.mesto_command, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_geo_load_brings_the_examples_to_the_map(small_platform: Platform) -> None:
    for kind, count in (("districts", 11), ("stops", 24)):
        file = EXAMPLES / "geo" / f"moscow-{kind}.geojson"
        words = ["geo", "load", str(file), "--city", "moscow", "--type", kind]
        first, again = mesto(small_platform, *words), mesto(small_platform, *words)
        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
        assert f"{count} {kind} of moscow loaded" in first.stderr
        assert "unchanged" in again.stderr
        answer = httpx.get(f"{small_platform.url('geo')}/api/geo/{kind}?city=moscow", timeout=15)
        assert len(answer.json()["features"]) == count


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ('[{"name": "A", "lat": 1, "lon": 1}]', ["--city", "atlantis", "--type", "stops"], "not declared"),
        ('[{"name": "A", "lat": 95, "lon": 1}]', ["--city", "moscow", "--type", "stops"], "row 1: the latitude"),
        (
            '{"features": [{"properties": {"name": "A"}, "geometry": {"type": "Point", "coordinates": [1, 1]}}]}',
            ["--city", "moscow", "--type", "districts"],
            "feature 1: its geometry is Point",
        ),
    ],
)
def test_geo_load_refuses_with_a_sentence(
    small_platform: Platform, tmp_path: Path, content: str, words: list[str], said: str
) -> None:
    file = tmp_path / "data.json"
    file.write_text(content)
    done = mesto(small_platform, "geo", "load", str(file), *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_accounts_are_created_once_and_granted_roles(small_platform: Platform) -> None:
    words = [
        "accounts",
        "create",
        "--email",
        "vera@example.org",
        "--password",
        "Seven-pines-and-9-oaks",
        "--name",
        "Vera",
    ]
    for _ in range(2):
        done = mesto(small_platform, *words, "--role", "owner", "--verified", "--locale", "en")
        assert done.returncode == 0, done.stderr
    done = mesto(small_platform, "accounts", "grant", "vera@example.org", "moderator")
    assert done.returncode == 0, done.stderr
    login = {"email": "vera@example.org", "password": "Seven-pines-and-9-oaks"}
    url = small_platform.url("auth")
    token = httpx.post(f"{url}/api/auth/login", json=login, timeout=15).json()["access_token"]
    me = httpx.get(f"{url}/api/auth/me", headers={"Authorization": f"Bearer {token}"}, timeout=15).json()
    assert {"owner", "moderator"} <= set(me["roles"])
    unknown = mesto(small_platform, "accounts", "grant", "nobody@example.org", "moderator")
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr


def test_the_security_log_is_read_by_person_and_time(small_platform: Platform) -> None:
    for name in ("olga", "pavel"):
        words = ["--email", f"{name}@example.org", "--password", "Seven-pines-and-9-oaks", "--name", name.title()]
        assert mesto(small_platform, "accounts", "create", *words).returncode == 0
    assert mesto(small_platform, "accounts", "grant", "olga@example.org", "owner").returncode == 0
    login = {"email": "olga@example.org", "password": "wrong, wrong, wrong"}
    httpx.post(f"{small_platform.url('auth')}/api/auth/login", json=login, headers={"User-Agent": "Test/1"}, timeout=15)
    shown = mesto(small_platform, "accounts", "log", "olga@example.org", "--since", "1h")
    assert shown.returncode == 0, shown.stderr
    heading, *lines = shown.stdout.splitlines()
    assert heading.split()[:3] == ["AT", "KIND", "PERSON"]
    assert [line.split()[2] for line in lines] == ["registered", "role_granted", "sign_in_failed"]
    assert "role=owner" in lines[1]
    assert lines[2].endswith("Test/1")
    assert "olga" not in shown.stdout
    latest = mesto(small_platform, "accounts", "log", "--limit", "1", "-o", "json")
    (entry,) = orjson.loads(latest.stdout)
    assert (entry["kind"], entry["address"], entry["user_agent"]) == ("sign_in_failed", "127.0.0.1", "Test/1")
    assert entry["person"].startswith(lines[2].split()[3])
    nothing = mesto(small_platform, "accounts", "log", "pavel@example.org", "--since", "0s")
    assert (nothing.returncode, nothing.stdout, nothing.stderr.strip()) == (0, "", "There are no entries.")
    for wrong, said in ((["nobody@example.org"], "nobody@example.org"), (["--since", "yesterday"], "is no time")):
        refused = mesto(small_platform, "accounts", "log", *wrong)
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_platform_that_does_not_answer_is_exit_code_3(small_platform: Platform) -> None:
    small_platform.stop("geo")
    try:
        file = EXAMPLES / "geo" / "moscow-stops.geojson"
        done = mesto(small_platform, "geo", "load", str(file), "--city", "moscow", "--type", "stops")
    finally:
        small_platform.start("geo")
    assert done.returncode == 3
    assert "geo does not answer" in done.stderr
    assert "Traceback" not in done.stderr
