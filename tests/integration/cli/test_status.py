"""`mesto status` against a real API server, operator and catalog."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from mestolocal.paths import venv_bin
from support.platform import Platform, PlatformFactory
from support.spaces import dump, space
from support.waiting import eventually


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    """Booking and geo never answer: nothing becomes Ready."""
    return new_platform("catalog", "operator")


def status(stage: Platform, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KUBECONFIG": str(stage.cluster.kubeconfig)}
    command = [venv_bin("kubectl-mesto"), "status", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


def test_status_tells_of_what_is_not_ready_by_its_exit_code(stage: Platform) -> None:
    ns = stage.namespace("status")
    empty = status(stage, "-n", ns)
    assert (empty.returncode, empty.stdout) == (0, ""), empty.stderr
    stage.kubectl("apply", "-n", ns, "-f", "-", stdin=dump(space("loft")))

    def look() -> bool:
        done = status(stage, "cws/loft", "-n", ns)
        assert done.returncode == 5, done.stderr
        assert "Ready False AwaitingBooking: Awaiting booking's answer." in done.stdout
        return True

    eventually(look, "the tree names what is awaited")
    assert "loft" in [one["metadata"]["name"] for one in json.loads(status(stage, "-A", "-o", "json").stdout)]
    missing = status(stage, "cws/nothing", "-n", ns)
    assert (missing.returncode, "Traceback" in missing.stderr) == (1, False)
    assert f"no cws/nothing in {ns}" in missing.stderr
