"""Resources by condition, counted from the operator's own cache when /metrics is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAME = "mesto_operator_conditions"
Resource = dict[str, Any]


class Conditions(Collector):
    """``mesto_operator_conditions{kind,type,status,reason}``; reasons are a fixed set of words."""

    def __init__(self, kind: str, resources: Callable[[], Iterable[Resource]]) -> None:
        self.kind, self.resources = kind, resources

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One sample for each combination there is."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for resource in list(self.resources()):
            for condition in (resource.get("status") or {}).get("conditions") or []:
                counts[condition["type"], condition["status"], condition.get("reason", "")] += 1
        family = GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
        for (name, status, reason), count in sorted(counts.items()):
            family.add_metric([self.kind, name, status, reason], count)
        yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Registering must not walk the cache."""
        yield GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
