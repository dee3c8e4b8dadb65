"""Two operators: one works, the other takes over when it dies or goes, and nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from support.clients.spaces import conditions, space
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

OPERATORS = ("operator", "operator-2")


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    platform = new_platform("catalog", "operator", tasks=False)
    platform.add_operator("operator-2")
    return platform


@pytest.fixture
def ns(stage: Platform) -> str:
    return stage.namespace(f"fail-{uuid.uuid4().hex[:8]}")


def lease(stage: Platform) -> dict[str, Any]:
    name = stage.wiring.extra["MESTO_OPERATOR_LEASE_NAME"]
    return stage.resource("lease", name, "mesto")


def leader(stage: Platform) -> str:
    """The name of the process that holds the Lease."""
    port = (lease(stage)["spec"].get("holderIdentity") or ":").rpartition(":")[2]
    return next(
        (
            operator
            for operator in OPERATORS
            if stage.children[operator].server.environment["MESTO_OPERATOR_PORT"] == port
        ),
        "",
    )


def other(name: str) -> str:
    return next(operator for operator in OPERATORS if operator != name)


def change(stage: Platform, ns: str, number: int) -> None:
    """Ten spaces in their generation ``number``."""
    spaces = (space(f"s{index}", slug=f"s{index}-{ns}", description={"en": f"Edit {number}."}) for index in range(10))
    stage.apply(ns, *spaces)


def all_synced(stage: Platform, ns: str) -> None:
    def every_one_synced() -> bool:
        for item in stage.resources("cws", ns):
            told = conditions(item).get("Synced", {})
            assert (told.get("status"), told.get("observedGeneration")) == ("True", item["metadata"]["generation"])
        return True

    eventually(every_one_synced, "all are Synced")


def revisions(stage: Platform, ns: str) -> set[int]:
    rows = stage.sql("SELECT revision FROM catalog.spaces WHERE namespace = %s", ns)
    assert len(rows) == 10
    return {row[0] for row in rows}


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_the_other_takes_over(
    stage: Platform, ns: str, how: str, record_property: Callable[[str, object], None]
) -> None:
    first = leader(stage)
    assert first
    change(stage, ns, 1)
    all_synced(stage, ns)
    change(stage, ns, 2)  # under way when it ends
    begun = time.monotonic()
    if how == "killed":
        stage.kill(first)
    else:
        stage.stop(first)
    eventually(lambda: leader(stage) == other(first), "the other holds the Lease")
    record_property("failover", f"{how}: taken over in {time.monotonic() - begun:.1f} s")
    change(stage, ns, 3)
    all_synced(stage, ns)
    # As many revisions as different contents: nothing was applied twice.
    assert max(revisions(stage, ns)) <= 3
    stage.start(first)
    assert leader(stage) == other(first), "who comes back stands by"


def test_a_frozen_leader_writes_nothing_when_it_thaws(stage: Platform, ns: str) -> None:
    first = leader(stage)
    change(stage, ns, 1)
    all_synced(stage, ns)
    os.kill(stage.children[first].pid, signal.SIGSTOP)
    try:
        eventually(lambda: leader(stage) == other(first), "the other holds the Lease")
        change(stage, ns, 2)
        all_synced(stage, ns)
    finally:
        os.kill(stage.children[first].pid, signal.SIGCONT)
    eventually(lambda: "lease_lost" in stage.log(first), "the first has noticed")
    change(stage, ns, 3)
    all_synced(stage, ns)
    assert revisions(stage, ns) == {3}
    assert leader(stage) == other(first)
