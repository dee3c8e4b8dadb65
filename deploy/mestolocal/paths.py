"""Where things are: the checkout, the caches outside it, and the state of `make up`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
DEPLOY = REPO / "deploy"
STATE = REPO / ".mesto"


class PlatformError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""


def cache_root() -> Path:
    """Builds live outside the checkout, so a fresh clone finds them."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mesto"


def tool(name: str, *more_places: str) -> str:
    """Full path of a program, also from the folders that Debian leaves off a plain PATH."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/bin", *more_places])
    found = shutil.which(name, path=places)
    if found is None:
        raise PlatformError(f"{name} is not installed: run deploy/bootstrap.sh, which installs what is missing.")
    return found


def venv_bin(name: str) -> str:
    """A program of the virtual environment this Python runs in."""
    return str(Path(sys.executable).parent / name)
