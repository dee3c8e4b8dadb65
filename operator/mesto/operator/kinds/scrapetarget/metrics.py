"""What the last runs of targets were like, read from the operator's own cache when /metrics is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mesto.operator.objects import Resource
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAME = "mesto_operator_target_healthy"
ITEMS = "mesto_operator_target_items"


class Health(Collector):
    """One sample for each target whose runs have ended: targets are few, and each is somebody's to mend.

    The label is ``namespace/name`` in one: Prometheus gives ``namespace`` to the pod that is asked.
    """

    def __init__(self, targets: Callable[[], Iterable[Resource]], leading: Callable[[], bool]) -> None:
        self._targets, self._leading = targets, leading

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing, for registering must not read the cache."""
        yield GaugeMetricFamily(NAME, "Whether the last run of a target went well", labels=["target", "reason"])
        yield GaugeMetricFamily(ITEMS, "Offers that the last run of a target found", labels=["target"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the samples; a target that has not run yet has none."""
        healthy, items = self.describe()
        for resource in self._targets() if self._leading() else ():  # one that stands by would tell all once more
            metadata, status = resource["metadata"], resource.get("status") or {}
            target = f"{metadata['namespace']}/{metadata['name']}"
            for condition in status.get("conditions") or []:
                if condition["type"] == "Healthy" and condition["status"] in ("True", "False"):
                    healthy.add_metric([target, condition["reason"]], float(condition["status"] == "True"))
            if (count := (status.get("lastRun") or {}).get("items")) is not None:
                items.add_metric([target], count)
        yield healthy
        yield items
