"""What an image is built from has a key: the same key, the same image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mestolocal.images import CONTEXT, KEPT_OUT, context_key
from mestolocal.paths import REPO


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in CONTEXT:
        file = tmp_path / name if "." in Path(name).name else tmp_path / name / "module.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content")
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / "services/module.py").write_text("other"),
    "a file more": lambda root: (root / "operator/new.py").write_text(""),
    "a file less": lambda root: (root / "spiders/module.py").unlink(),
    "a name": lambda root: (root / "services/module.py").rename(root / "services/moved.py"),
    "who may execute": lambda root: (root / "deploy/images/module.py").chmod(0o755),
    "a lock": lambda root: (root / "requirements/module.py").write_text("other"),
    "what nginx is told": lambda root: (root / "deploy/mestolocal/nginx.conf.template").write_text("other"),
    "the app": lambda root: (root / "frontend/module.py").write_text("other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_the_image_changes_the_key(checkout: Path, change: str) -> None:
    before = context_key(checkout)
    assert context_key(checkout) == before
    CHANGES[change](checkout)
    assert context_key(checkout) != before


def test_other_tools_make_another_image(checkout: Path) -> None:
    assert context_key(checkout, "buildah 1") != context_key(checkout, "buildah 2")


def test_what_reaches_no_build_changes_nothing(checkout: Path) -> None:
    before = context_key(checkout)
    for name in (
        "docs/page.md",
        "frontend/node_modules/one.js",
        "services/__pycache__/a.pyc",
        "frontend/x.tsbuildinfo",
    ):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("other")
    assert context_key(checkout) == before


def test_the_key_reads_what_the_engine_is_given() -> None:
    lines = [line for line in (REPO / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    ways = ["!deploy", "deploy/*", "!deploy/mestolocal", "deploy/mestolocal/*"]  # what leads to parts of deploy
    assert sorted(lines) == sorted(["*", *ways, *(f"!{name}" for name in CONTEXT), *KEPT_OUT])
