"""The container images: what is in them, and the gateway started once from its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from mestolocal import images
from mestolocal.images import Image
from mestolocal.paths import REPO
from mestolocal.ports import free_ports
from mestolocal.services import answers
from support.servers.containers import Container, engine, said
from support.waiting import eventually

pytestmark = pytest.mark.timeout(900)
KINDS = images.KINDS
PYTHON_KINDS = ("service", "operator", "spiders")


@pytest.fixture(scope="module")
def built() -> dict[str, Image]:
    """Images of this checkout; a machine that cannot build them fails here and says what it needs."""
    return images.build(KINDS)


def test_the_gateway_serves_the_app_and_tells_what_is_away(built: dict[str, Image]) -> None:
    ports = free_ports(("page", "probes", "booking"))
    environment = {
        "MESTO_BIND": "127.0.0.1",
        "MESTO_GATEWAY_PORT": str(ports["page"]),
        "MESTO_GATEWAY_INTERNAL_PORT": str(ports["probes"]),
        "MESTO_BOOKING_UPSTREAM": f"127.0.0.1:{ports['booking']}",
    }
    page, probes = f"http://127.0.0.1:{ports['page']}", f"http://127.0.0.1:{ports['probes']}"
    with Container(built["gateway"].id, environment=environment) as container:
        eventually(answers(f"{probes}/readyz"), "/readyz of the gateway")
        assert answers(f"{probes}/healthz")()
        assert '<div id="app">' in httpx.get(f"{page}/any/page").text
        away = httpx.get(f"{page}/api/booking/bookings")
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
        assert httpx.get(f"{page}/readyz").headers["content-type"].startswith("text/html")  # not on the public port
        assert container.stop() == 0, container.log()


def test_pages_of_the_release_before_still_find_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "localhost/mesto/gateway-before:test"
    (tmp_path / "page-0ld.js").write_text("before()")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY page-0ld.js /srv/mesto/assets/\n")
    said("build", "--tag", name, str(tmp_path))
    monkeypatch.setenv("MESTO_IMAGE_PREVIOUS", name)
    ports = free_ports(("page", "probes"))
    environment = {
        "MESTO_BIND": "127.0.0.1",
        "MESTO_GATEWAY_PORT": str(ports["page"]),
        "MESTO_GATEWAY_INTERNAL_PORT": str(ports["probes"]),
    }
    image = images.build(("gateway",))["gateway"].id
    said("image", "rm", "--force", name)  # buildah keeps a container of a stage that adds nothing
    with Container(image, environment=environment):
        eventually(answers(f"http://127.0.0.1:{ports['probes']}/readyz"), "/readyz of the gateway")
        found = httpx.get(f"http://127.0.0.1:{ports['page']}/assets/page-0ld.js")
        assert (found.status_code, found.text) == (200, "before()")
        assert "immutable" in found.headers["cache-control"]
        assert httpx.get(f"http://127.0.0.1:{ports['page']}/assets/page-0lder.js").status_code == 404


def test_what_was_built_is_not_built_again_but_what_the_engine_has_lost_is(
    built: dict[str, Image], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def build(*_: object) -> str:
        raise AssertionError("built again")

    monkeypatch.setattr(images, "_build", build)
    assert images.build(("gateway",)) == {"gateway": built["gateway"]}
    monkeypatch.setattr(images, "cache_root", lambda: tmp_path)  # a new machine
    with pytest.raises(AssertionError, match="built again"):
        images.build(("gateway",))
    lost = tmp_path / "lost"
    lost.write_text("0" * 64)
    assert images._built_before(lost, images.engine(), "localhost/mesto/nothing:test") is None


_QUICK = ("--network", "none", "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--read-only")
_TOOLS = r"/(gcc|cc|c\+\+|ld|make|pip3?|uv|npm|node)$"
_LEFT_OVER = r"\.cache/|/var/lib/apt/lists/.*_Packages|/\.git/|/tests/|/sources\.list$|/authorities\.crt$"


def files_of(image: Image) -> list[str]:
    """All its files, as root sees them."""
    find = ("--user", "0", "--entrypoint", "find", image.id, "/", "-xdev", "-type", "f")
    return said("run", "--rm", *_QUICK, *find).splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_holds_no_tools_caches_or_tests(built: dict[str, Image], kind: str) -> None:
    files = files_of(built[kind])
    assert len(files) > 500
    assert [path for path in files if re.search(f"{_TOOLS}|{_LEFT_OVER}", path)] == []
    allowed = ("/dev", "/proc", "/sys", "/run", "/tmp", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname")
    writable = ("run", "--rm", *_QUICK, "--entrypoint", "find", built[kind].id, "/", "-xdev", "-writable", "-type", "f")
    mine = [path for path in engine(*writable).stdout.splitlines() if not path.startswith(allowed)]
    assert mine == [], "its user could change these"


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_names_itself_and_its_user(built: dict[str, Image], kind: str) -> None:
    (known,) = json.loads(said("image", "inspect", built[kind].id))
    config: dict[str, Any] = known["Config"]
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == ("SIGQUIT" if kind == "gateway" else "SIGTERM")
    assert not config.get("ExposedPorts")
    label = "org.opencontainers.image."
    labels = {name.removeprefix(label): value for name, value in config["Labels"].items() if name.startswith(label)}
    assert labels["title"] == f"mesto/{kind}"
    assert labels["version"] == "0.1.0"
    assert re.match(r"[0-9a-f]{7}", labels["revision"])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_written_but_below_tmp(built: dict[str, Image], kind: str) -> None:
    touch = ("run", "--rm", *_QUICK, "--tmpfs", "/tmp", "--entrypoint", "touch", built[kind].id)
    assert engine(*touch, "/tmp/here").returncode == 0
    for place in ("/here", "/opt/here", "/srv/here", "/var/here"):
        assert engine(*touch, place).returncode != 0


@pytest.mark.parametrize("kind", PYTHON_KINDS)
def test_every_package_is_the_locked_one(built: dict[str, Image], kind: str) -> None:
    script = (
        "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions(path=['PLACE'])))"
    )
    script = script.replace("PLACE", "/opt/mesto/lib/python3.11/site-packages")
    found = said("run", "--rm", *_QUICK, built[kind].id, "python", "-c", script).split()
    locked = {_normal(line) for line in re.findall(r"^\S+==\S+", (REPO / f"requirements/{kind}.txt").read_text(), re.M)}
    assert len(found) > 30
    assert {_normal(package) for package in found} - locked == set()


def _normal(requirement: str) -> str:
    name, _, number = requirement.partition("==")
    return re.sub(r"[-_.]+", "-", name).lower() + "==" + number


def test_images_have_the_versions_that_the_tests_ran_with() -> None:
    tested = set(re.findall(r"^\S+==\S+", (REPO / "requirements/dev.txt").read_text(), re.M))
    for kind in ("service", "operator", "spiders", "node"):
        locked = set(re.findall(r"^\S+==\S+", (REPO / f"requirements/{kind}.txt").read_text(), re.M))
        assert locked - tested == set(), "make lock KEEP=1"


def test_sizes_are_reported(built: dict[str, Image], record_property: Any) -> None:
    for kind, image in built.items():
        record_property(f"image {kind}, MB unpacked", round(image.size / 1e6))
        assert image.size > 0
