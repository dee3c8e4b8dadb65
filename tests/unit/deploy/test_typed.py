"""mypy looks for a package in the first of its folders only, so each part of ``mesto`` elsewhere must be named."""

from __future__ import annotations

import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]


def test_mypy_checks_every_part() -> None:
    checked = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]
    parts = {
        f"mesto.{init.parent.name}"
        for root in ("operator", "spiders")
        for init in REPO.glob(f"{root}/mesto/*/__init__.py")
    }
    assert len(parts) == 3
    assert parts <= set(checked)
