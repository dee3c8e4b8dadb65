"""The demo's policy without its limits on people, for tests and measurements whose crowds are a few accounts."""

from __future__ import annotations

from pathlib import Path

import yaml

from .paths import REPO

EXAMPLE = REPO / "examples" / "platformconfig.yaml"
_NO_LIMIT = {"openHolds": 0, "seatHoursPerSpace": 0}


def without_limits(folder: Path) -> Path:
    """Write the policy into a file of this folder, which services read until the operator tells them another."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    document["spec"]["booking"]["holdBudget"] |= {"verified": _NO_LIMIT, "unverified": _NO_LIMIT}
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return path
