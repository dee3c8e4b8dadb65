"""Manifests edited field by field, and what the API server says of them."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from mestolocal.cluster import Cluster
from mestolocal.server import PlatformError
from support.spaces import dump

Edit = Callable[[dict[str, Any]], None]


def put(path: str, value: Any) -> Edit:
    """Sets a field by its path below spec, ``None`` removes it."""

    def edit(manifest: dict[str, Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = manifest["spec"]
        for part in parents:
            place = place[part]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return edit


def twice(path: str) -> Edit:
    """Lists the first item of a list once more."""

    def edit(manifest: dict[str, Any]) -> None:
        place: Any = manifest["spec"]
        for part in path.split("."):
            place = place[int(part) if part.isdigit() else part]
        place.append(copy.deepcopy(place[0]))

    return edit


def offer(cluster: Cluster, namespace: str, *manifests: dict[str, Any]) -> str:
    """What kubectl says when the server takes the manifests, or would."""
    arguments = ("create", "--dry-run=server", "-n", namespace, "-f", "-")
    return cluster.kubectl(*arguments, stdin=dump(*manifests))


def refusal(cluster: Cluster, namespace: str, *manifests: dict[str, Any]) -> str:
    """What the server says that it refuses them for."""
    with pytest.raises((PlatformError, subprocess.CalledProcessError)) as refused:
        offer(cluster, namespace, *manifests)
    return str(refused.value)
