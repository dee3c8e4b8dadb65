"""Where things are: the checkout, the caches outside it, and the state of `make up`."""

from __future__ import annotations

import hashlib
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


def server_data_root() -> Path:
    """Where `make up` keeps the servers' data.

    As root the servers run as users of their own, who cannot enter a folder under /root; the checkout's path is in the
    name, so two checkouts do not share data.
    """
    if os.geteuid() == 0:
        checkout = hashlib.sha256(str(REPO).encode()).hexdigest()[:10]
        return Path("/var/lib/mesto") / checkout
    return STATE / "data"


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
