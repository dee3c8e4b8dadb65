"""What a process needs, as a metric; by itself, for processes whose images have no HTTP framework."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Gauge

READY = Gauge("mesto_ready", "1 when what this process needs answers, by check", ["check"])


def record_readiness(outcome: Mapping[str, str]) -> None:
    """Set the metric by what is said of each thing that the process needs: ``ok``, or what is wrong."""
    for name, value in outcome.items():
        READY.labels(name).set(value == "ok")
